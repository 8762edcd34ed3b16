extension JSONValue {
  /// The document as text.
  ///
  /// - Parameter indented: two blanks a level, for people and line-wise comparison; arrays of plain numbers stay on one
  ///   line. Without it the text has no white space.
  public func text(indented: Bool) -> String {
    var out: [UInt8] = []
    out.reserveCapacity(1024)
    write(to: &out, level: indented ? 0 : nil)
    if indented { out.append(UInt8(ascii: "\n")) }
    return String(decoding: out, as: UTF8.self)
  }

  private var isScalar: Bool {
    switch self {
    case .array, .object: false
    default: true
    }
  }

  private func write(to out: inout [UInt8], level: Int?) {
    switch self {
    case .null: out.append(contentsOf: "null".utf8)
    case .bool(let value): out.append(contentsOf: (value ? "true" : "false").utf8)
    case .integer(let value): out.append(contentsOf: String(value).utf8)
    case .number(let value): Self.write(value, to: &out)
    case .string(let value): Self.write(value, to: &out)
    case .array(let elements):
      let flat = elements.allSatisfy(\.isScalar)
      Self.writeList(elements, open: "[", close: "]", level: flat && level != nil ? -1 : level, to: &out) {
        $0.write(to: &$1, level: $2)
      }
    case .object(let members):
      Self.writeList(members, open: "{", close: "}", level: level, to: &out) {
        Self.write($0.name, to: &$1)
        $1.append(contentsOf: ($2 == nil ? ":" : ": ").utf8)
        $0.value.write(to: &$1, level: $2)
      }
    }
  }

  /// Writes the items of a list with separators; a level of −1 means one line with blanks after the commas.
  private static func writeList<T>(
    _ items: [T], open: String, close: String, level: Int?, to out: inout [UInt8],
    item: (T, inout [UInt8], Int?) -> Void
  ) {
    out.append(contentsOf: open.utf8)
    let broken = level.map { $0 >= 0 && !items.isEmpty } ?? false
    let inner = broken ? level! + 1 : level
    for (i, element) in items.enumerated() {
      if i > 0 { out.append(contentsOf: (level == -1 ? ", " : ",").utf8) }
      if broken { newLine(level: inner!, to: &out) }
      item(element, &out, inner)
    }
    if broken { newLine(level: level!, to: &out) }
    out.append(contentsOf: close.utf8)
  }

  private static func newLine(level: Int, to out: inout [UInt8]) {
    out.append(UInt8(ascii: "\n"))
    for _ in 0..<(2 * level) { out.append(UInt8(ascii: " ")) }
  }

  private static func write(_ value: Double, to out: inout [UInt8]) {
    guard value.isFinite else {
      out.append(contentsOf: "null".utf8)
      return
    }
    if value == value.rounded(), abs(value) < 1e15 {
      // A whole number without ".0": shorter, and the same double when read back (minus zero keeps its sign).
      out.append(contentsOf: (value == 0 && value.sign == .minus ? "-0.0" : String(Int(value))).utf8)
    } else {
      out.append(contentsOf: value.description.utf8)
    }
  }

  private static func write(_ value: String, to out: inout [UInt8]) {
    out.append(UInt8(ascii: "\""))
    for byte in value.utf8 {
      switch byte {
      case UInt8(ascii: "\""): out.append(contentsOf: "\\\"".utf8)
      case UInt8(ascii: "\\"): out.append(contentsOf: "\\\\".utf8)
      case 0x0a: out.append(contentsOf: "\\n".utf8)
      case 0x0d: out.append(contentsOf: "\\r".utf8)
      case 0x09: out.append(contentsOf: "\\t".utf8)
      case 0..<0x20:
        let digits = Array("0123456789abcdef".utf8)
        out.append(contentsOf: "\\u00".utf8)
        out.append(digits[Int(byte >> 4)])
        out.append(digits[Int(byte & 15)])
      default: out.append(byte)
      }
    }
    out.append(UInt8(ascii: "\""))
  }
}
