import { HttpClient } from '@angular/common/http'
import { Component, inject, type OnInit, signal } from '@angular/core'

@Component({ selector: 'app-root', template: '<p>{{ text() }}</p>' })
export class App implements OnInit {
  private readonly http = inject(HttpClient)
  protected readonly text = signal('')

  ngOnInit() {
    this.http.post<{ answer: string }>('/api/chat', { message: 'hi' }).subscribe(({ answer }) => this.text.set(answer))
  }
}
