extension JSONValue {
  /// The document as text.
  ///
  /// - Parameter indented: two blanks a level, for people and line-wise comparison; arrays of plain numbers stay on one
  ///   line, and so does each of a list of records. Without it the text has no white space.
  public func text(indented: Bool) -> String {
    var out: [UInt8] = []
    var writer = JSONWriter { out += $0 }
    writer.write(self, indented: indented)
    return String(decoding: out, as: UTF8.self)
  }

  var isScalar: Bool {
    switch self {
    case .array, .object, .records: false
    default: true
    }
  }

  /// Writes a value that holds no others.
  func writeScalar(to out: inout [UInt8]) {
    switch self {
    case .null: out.append(contentsOf: "null".utf8)
    case .bool(let value): out.append(contentsOf: (value ? "true" : "false").utf8)
    case .integer(let value): out.append(contentsOf: String(value).utf8)
    case .number(let value) where value.isFinite:
      withUnsafeTemporaryAllocation(of: UInt8.self, capacity: NumberText.longest) { text in
        let count = NumberText.write(value, to: text.baseAddress!)
        out.append(contentsOf: text[..<count])
      }
    case .number: out.append(contentsOf: "null".utf8)
    case .string(let value): Self.write(value, to: &out)
    case .array, .object, .records: preconditionFailure("a list is no scalar")
    }
  }

  static func write(_ value: String, to out: inout [UInt8]) {
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
