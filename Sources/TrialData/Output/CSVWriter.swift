/// Writes delimited text by RFC 4180 with LF line ends; a field is quoted only where it must be.
public struct CSVWriter: Sendable {
  /// What was written so far.
  public private(set) var bytes: [UInt8] = []
  private var isAtRowStart = true

  /// - Parameter capacity: the bytes to make room for.
  public init(capacity: Int = 0) { bytes.reserveCapacity(capacity) }

  /// Writes a text; an empty one as an empty field.
  public mutating func field(_ text: String) {
    var text = text
    text.withUTF8 { field($0) }
  }

  /// Writes a text given as UTF-8.
  public mutating func field(_ utf8: UnsafeBufferPointer<UInt8>) {
    separate()
    guard utf8.contains(where: { $0 == 0x22 || $0 == 0x2c || $0 == 0x0a || $0 == 0x0d }) else {
      bytes.append(contentsOf: utf8)
      return
    }
    bytes.append(0x22)
    for byte in utf8 {
      if byte == 0x22 { bytes.append(0x22) }
      bytes.append(byte)
    }
    bytes.append(0x22)
  }

  public mutating func field(_ number: Int) {
    separate()
    if number < 0 { bytes.append(0x2d) }
    var rest = number.magnitude
    let start = bytes.count
    repeat {
      bytes.append(0x30 + UInt8(rest % 10))
      rest /= 10
    } while rest > 0
    bytes[start...].reverse()
  }

  /// Writes a number with the digits that read back bit for bit; one that is not finite as `NA`.
  public mutating func field(_ number: Double) {
    if !number.isFinite { return field("NA") }
    if number == number.rounded(), abs(number) < 1e15 { return field(Int(number)) }
    field(number.description)
  }

  public mutating func row(_ texts: [String]) {
    for text in texts { field(text) }
    endRow()
  }

  public mutating func endRow() {
    bytes.append(0x0a)
    isAtRowStart = true
  }

  private mutating func separate() {
    if !isAtRowStart { bytes.append(0x2c) }
    isAtRowStart = false
  }
}
