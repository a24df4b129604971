// The stubbed network as it is: what every other variant is compared with.

export {}
