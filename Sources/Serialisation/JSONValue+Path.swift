extension JSONValue {
  /// The value at a path as `jq` writes it: `.coefficients[1].estimate`, `.fit["p.value"]`; nil where there is none.
  public func value(at path: String) -> JSONValue? {
    var value = self
    var rest = path[...]
    while let first = rest.first {
      rest.removeFirst()
      if first == "." {
        let name = rest.prefix { $0 != "." && $0 != "[" }
        rest = rest[name.endIndex...]
        // `.["p.value"]` writes a point before the bracket.
        if name.isEmpty { continue }
        guard let next = value[String(name)] else { return nil }
        value = next
      } else {
        guard first == "[", let end = rest.firstIndex(of: "]") else { return nil }
        let inside = rest[..<end]
        rest = rest[rest.index(after: end)...]
        if inside.first == "\"" {
          guard let next = value[String(inside.dropFirst().dropLast())] else { return nil }
          value = next
        } else {
          guard let index = Int(inside), value.elements.indices.contains(index) else { return nil }
          value = value.elements[index]
        }
      }
    }
    return value
  }
}
