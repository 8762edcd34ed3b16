import Glibc

/// Writes delimited text by RFC 4180 with LF line ends; a field is quoted only where it must be.
///
/// The bytes go to memory of the writer's own, since a table of a million rows is ten million small writes.
public struct CSVWriter: ~Copyable {
  private var base: UnsafeMutablePointer<UInt8>
  private var capacity: Int
  /// The number of bytes written so far.
  public private(set) var count = 0
  private var isAtRowStart = true

  /// - Parameter capacity: the bytes to make room for.
  public init(capacity: Int = 0) {
    self.capacity = max(capacity, 256)
    base = .allocate(capacity: self.capacity)
  }

  deinit { base.deallocate() }

  /// What was written so far.
  public var bytes: [UInt8] { Array(UnsafeBufferPointer(start: base, count: count)) }

  /// Calls a body with what was written so far.
  func withBytes<R>(_ body: (UnsafeBufferPointer<UInt8>) -> R) -> R {
    body(UnsafeBufferPointer(start: base, count: count))
  }

  /// Writes a text; an empty one as an empty field.
  public mutating func field(_ text: String) {
    var text = text
    text.withUTF8 { field($0) }
  }

  /// Writes a text given as UTF-8.
  public mutating func field(_ utf8: UnsafeBufferPointer<UInt8>) {
    makeRoom(2 * utf8.count + 3)
    separate()
    var end = base + count
    if utf8.contains(where: { $0 == 0x22 || $0 == 0x2c || $0 == 0x0a || $0 == 0x0d }) {
      put(0x22, &end)
      for byte in utf8 {
        if byte == 0x22 { put(0x22, &end) }
        put(byte, &end)
      }
      put(0x22, &end)
    } else {
      for byte in utf8 { put(byte, &end) }
    }
    count = end - base
  }

  public mutating func field(_ number: Int) {
    makeRoom(22)
    separate()
    var end = base + count
    if number < 0 { put(0x2d, &end) }
    var rest = number.magnitude
    var digits = 1
    var power: UInt = 10
    while digits < 20, rest >= power {
      digits += 1
      power = digits < 20 ? power &* 10 : power
    }
    for i in stride(from: digits - 1, through: 0, by: -1) {
      end[i] = 0x30 + UInt8(truncatingIfNeeded: rest % 10)
      rest /= 10
    }
    count = end - base + digits
  }

  /// Writes a number with the digits that read back bit for bit; one that is not finite as `NA`.
  public mutating func field(_ number: Double) {
    if !number.isFinite { return fieldNotAvailable() }
    if number == number.rounded(), abs(number) < 1e15 { return field(Int(number)) }
    field(number.description)
  }

  /// Writes `NA`.
  public mutating func fieldNotAvailable() {
    makeRoom(3)
    separate()
    base[count] = 0x4e
    base[count + 1] = 0x41
    count += 2
  }

  public mutating func row(_ texts: [String]) {
    for text in texts { field(text) }
    endRow()
  }

  public mutating func endRow() {
    makeRoom(1)
    base[count] = 0x0a
    count += 1
    isAtRowStart = true
  }

  @inline(__always)
  private func put(_ byte: UInt8, _ end: inout UnsafeMutablePointer<UInt8>) {
    end.pointee = byte
    end += 1
  }

  /// Writes the delimiter before every field but a row's first; there is room for it.
  @inline(__always)
  private mutating func separate() {
    if !isAtRowStart {
      base[count] = 0x2c
      count += 1
    }
    isAtRowStart = false
  }

  @inline(__always)
  private mutating func makeRoom(_ more: Int) {
    if count + more > capacity { grow(by: more) }
  }

  @inline(never)
  private mutating func grow(by more: Int) {
    capacity = max(2 * capacity, count + more)
    let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
    larger.update(from: base, count: count)
    base.deallocate()
    base = larger
  }
}
