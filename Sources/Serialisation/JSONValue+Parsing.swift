/// Why a text is not JSON.
public struct JSONError: Error, Equatable, Sendable, CustomStringConvertible {
  /// What was expected.
  public let expected: String
  /// The place in the text, in bytes from 0.
  public let offset: Int

  public var description: String { "not JSON: expected \(expected) at byte \(offset)" }
}

extension JSONValue {
  /// Reads a JSON document (RFC 8259): whole numbers become `integer`, all others `number`, correctly rounded.
  ///
  /// - Throws: `JSONError` at the first fault, and after anything that follows the document.
  public init(parsing text: String) throws(JSONError) {
    var parser = JSONParser(bytes: Array(text.utf8))
    self = try parser.document()
  }
}

/// A recursive-descent parser over the bytes of a JSON text.
private struct JSONParser {
  let bytes: [UInt8]
  var place = 0
  /// Nesting beyond this is refused rather than risking the stack.
  let deepest = 512

  init(bytes: [UInt8]) { self.bytes = bytes }

  mutating func document() throws(JSONError) -> JSONValue {
    let value = try value(depth: 0)
    skipBlanks()
    guard place == bytes.count else { throw error("the end of the text") }
    return value
  }

  private func error(_ expected: String) -> JSONError { JSONError(expected: expected, offset: place) }

  private mutating func skipBlanks() {
    while place < bytes.count, [0x20, 0x0a, 0x0d, 0x09].contains(bytes[place]) { place += 1 }
  }

  private mutating func accept(_ byte: UInt8) -> Bool {
    skipBlanks()
    guard place < bytes.count, bytes[place] == byte else { return false }
    place += 1
    return true
  }

  private mutating func value(depth: Int) throws(JSONError) -> JSONValue {
    guard depth < deepest else { throw error("at most \(deepest) levels of nesting") }
    skipBlanks()
    guard place < bytes.count else { throw error("a value") }
    switch bytes[place] {
    case UInt8(ascii: "{"): return try object(depth: depth)
    case UInt8(ascii: "["): return try array(depth: depth)
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    default: return try number()
    }
  }

  private mutating func word(_ text: String, _ value: JSONValue) throws(JSONError) -> JSONValue {
    guard bytes[place...].starts(with: text.utf8) else { throw error(text) }
    place += text.utf8.count
    return value
  }

  private mutating func object(depth: Int) throws(JSONError) -> JSONValue {
    place += 1
    var members: [JSONValue.Member] = []
    if accept(UInt8(ascii: "}")) { return .object(members) }
    repeat {
      skipBlanks()
      guard place < bytes.count, bytes[place] == UInt8(ascii: "\"") else {
        throw error("a name in quotation marks")
      }
      let name = try string()
      guard accept(UInt8(ascii: ":")) else { throw error("a colon") }
      members.append(.init(name, try value(depth: depth + 1)))
    } while accept(UInt8(ascii: ","))
    guard accept(UInt8(ascii: "}")) else { throw error("a comma or }") }
    return .object(members)
  }

  private mutating func array(depth: Int) throws(JSONError) -> JSONValue {
    place += 1
    var elements: [JSONValue] = []
    if accept(UInt8(ascii: "]")) { return .array(elements) }
    repeat { elements.append(try value(depth: depth + 1)) } while accept(UInt8(ascii: ","))
    guard accept(UInt8(ascii: "]")) else { throw error("a comma or ]") }
    return .array(elements)
  }

  private mutating func string() throws(JSONError) -> String {
    place += 1
    var text: [UInt8] = []
    while place < bytes.count {
      let byte = bytes[place]
      place += 1
      switch byte {
      case UInt8(ascii: "\""): return String(decoding: text, as: UTF8.self)
      case UInt8(ascii: "\\"): text.append(contentsOf: try escape())
      case 0..<0x20: throw error("no control character in a string")
      default: text.append(byte)
      }
    }
    throw error("the closing quotation mark")
  }

  private mutating func escape() throws(JSONError) -> [UInt8] {
    guard place < bytes.count else { throw error("an escaped character") }
    let byte = bytes[place]
    place += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
    case UInt8(ascii: "b"): return [8]
    case UInt8(ascii: "f"): return [12]
    case UInt8(ascii: "n"): return [10]
    case UInt8(ascii: "r"): return [13]
    case UInt8(ascii: "t"): return [9]
    case UInt8(ascii: "u"):
      var code = UInt32(try hexadecimal())
      if (0xd800..<0xdc00).contains(code) {
        guard bytes[place...].starts(with: [UInt8(ascii: "\\"), UInt8(ascii: "u")]) else {
          throw error("the second half of a surrogate pair")
        }
        place += 2
        let low = UInt32(try hexadecimal())
        guard (0xdc00..<0xe000).contains(low) else { throw error("the second half of a surrogate pair") }
        code = 0x10000 + (code - 0xd800) << 10 + (low - 0xdc00)
      }
      guard let scalar = Unicode.Scalar(code) else { throw error("a Unicode scalar") }
      return Array(String(Character(scalar)).utf8)
    default: throw error("one of \\ \" / b f n r t u after a backslash")
    }
  }

  private mutating func hexadecimal() throws(JSONError) -> UInt16 {
    guard place + 4 <= bytes.count,
      let value = UInt16(String(decoding: bytes[place..<(place + 4)], as: UTF8.self), radix: 16)
    else { throw error("four hexadecimal digits") }
    place += 4
    return value
  }

  private mutating func number() throws(JSONError) -> JSONValue {
    let start = place
    func isDigit(_ i: Int) -> Bool { i < bytes.count && (48...57).contains(bytes[i]) }
    var end = place
    if end < bytes.count, bytes[end] == UInt8(ascii: "-") { end += 1 }
    guard isDigit(end) else { throw error("a value") }
    let whole = end
    while isDigit(end) { end += 1 }
    guard bytes[whole] != 48 || end == whole + 1 else { throw error("a number without leading zeros") }
    var isWhole = true
    if end < bytes.count, bytes[end] == UInt8(ascii: ".") {
      isWhole = false
      end += 1
      guard isDigit(end) else { throw error("a digit after the decimal point") }
      while isDigit(end) { end += 1 }
    }
    if end < bytes.count, bytes[end] | 0x20 == UInt8(ascii: "e") {
      isWhole = false
      end += 1
      if end < bytes.count, bytes[end] == UInt8(ascii: "+") || bytes[end] == UInt8(ascii: "-") { end += 1 }
      guard isDigit(end) else { throw error("a digit of the exponent") }
      while isDigit(end) { end += 1 }
    }
    place = end
    let text = String(decoding: bytes[start..<end], as: UTF8.self)
    if isWhole, let value = Int(text) { return .integer(value) }
    return .number(Double(text) ?? .nan)
  }
}
