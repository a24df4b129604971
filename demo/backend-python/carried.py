def carried_by(path, headers, body_text):
    """What a call carried on the wire: the parts of the raw request in which the session id stands.

    Only there so that the demo page can show it.
    """
    carried = []
    if "session_id=" in path:
        carried.append({"in": "query", "text": path})
    if "session_id" in body_text:
        carried.append({"in": "body", "text": body_text})
    for name in ("baggage", "x-datadog-tags"):
        if headers.get(name):
            carried.append({"in": name, "text": headers[name]})
    return [{**part, "text": part["text"][:600]} for part in carried]
