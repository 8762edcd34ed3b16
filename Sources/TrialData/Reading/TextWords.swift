/// Eight bytes of text at a time, the first in the lowest byte of a word.
enum TextWords {
  static var zeros: UInt64 { 0x3030_3030_3030_3030 }

  /// Sixteen zeros and sixteen times 0xff: two words from the place `n` on keep the last `n` of sixteen bytes.
  nonisolated(unsafe) static let masks: UnsafeRawPointer = {
    let room = UnsafeMutablePointer<UInt8>.allocate(capacity: 32)
    for i in 0..<32 { (room + i).initialize(to: i < 16 ? 0 : 0xff) }
    return UnsafeRawPointer(room)
  }()

  /// The word at an address.
  @inline(__always)
  static func word(_ address: UnsafeRawPointer) -> UInt64 {
    address.loadUnaligned(as: UInt64.self).littleEndian
  }

  /// The top bit of every byte that is zero (Warren, Hacker's Delight, 6-1).
  @inline(__always)
  static func zeroBytes(_ word: UInt64) -> UInt64 {
    let low: UInt64 = 0x7f7f_7f7f_7f7f_7f7f
    return ~(((word & low) &+ low) | word | low)
  }

  /// The top bits of the bytes that are no digits, of a word from which the digits' zero was taken.
  ///
  /// A byte is at most 9 where it is a digit; adding 0x76 sets the top bit of the others. A carry only reaches bytes behind
  /// the first that is no digit.
  @inline(__always)
  static func others(_ digits: UInt64) -> UInt64 {
    ((digits &+ 0x7676_7676_7676_7676) | digits) & 0x8080_8080_8080_8080
  }

  /// The number of eight digits, the first in the lowest byte: pairs, then fours, then all (Lemire 2018, "Quickly parsing eight
  /// digits").
  @inline(__always)
  static func number(_ digits: UInt64) -> UInt64 {
    let pairs = digits &* 10 &+ (digits >> 8)
    let low = (pairs & 0x0000_00ff_0000_00ff) &* 0x000f_4240_0000_0064
    let high = ((pairs >> 16) & 0x0000_00ff_0000_00ff) &* 0x0000_2710_0000_0001
    return (low &+ high) >> 32
  }

  /// A whole number below 2^52 as a double: those have the digits of a double of 2^52 and more.
  ///
  /// The instruction that converts integers waits for what its register held before; this one does not.
  @inline(__always)
  static func double(_ number: UInt64) -> Double {
    Double(bitPattern: 0x4330_0000_0000_0000 | number) - 0x1p52
  }
}
