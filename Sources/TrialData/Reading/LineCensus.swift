/// The line ends and quotation marks of a stretch of bytes.
struct LineCensus: Sendable {
  var quotes = 0
  var terminators = 0
  /// Line ends outside quotes, if the stretch starts outside quotes.
  var endsFromOutside = 0
  /// Line ends outside quotes, if the stretch starts inside a quoted field.
  var endsFromInside: Int { terminators - endsFromOutside }

  /// A stretch without quotation marks.
  init(terminators: Int) {
    self.terminators = terminators
    endsFromOutside = terminators
  }

  init(_ bytes: UnsafeBufferPointer<UInt8>, terminator: UInt8) {
    guard let base = bytes.baseAddress else { return }
    let text = UnsafeRawPointer(base)
    let quote = SIMD16<UInt8>(repeating: 0x22)
    let end = SIMD16<UInt8>(repeating: terminator)
    var inside = false
    var start = 0
    // Blocks short enough for one-byte counters; most hold no quotation mark and need no second look.
    while start + 256 <= bytes.count {
      var marks = SIMD16<UInt8>()
      var ends = SIMD16<UInt8>()
      for k in 0..<16 {
        let part = text.loadUnaligned(fromByteOffset: start &+ 16 &* k, as: SIMD16<UInt8>.self)
        marks = marks | unsafeBitCast(part .== quote, to: SIMD16<UInt8>.self)
        // Each byte of a comparison is 0 or −1.
        ends &-= unsafeBitCast(part .== end, to: SIMD16<UInt8>.self)
      }
      let words = unsafeBitCast(marks, to: SIMD2<UInt64>.self)
      if words[0] | words[1] == 0 {
        var found = 0
        for i in ends.indices { found += Int(ends[i]) }
        terminators += found
        if !inside { endsFromOutside += found }
      } else {
        for k in 0..<4 { count(text + (start + 64 * k), quote, end, &inside) }
      }
      start += 256
    }
    count(bytes[start...], terminator, &inside)
  }

  /// Counts in sixty-four bytes, a bit each.
  private mutating func count(
    _ text: UnsafeRawPointer, _ quote: SIMD16<UInt8>, _ end: SIMD16<UInt8>, _ inside: inout Bool
  ) {
    let bit = SIMD16<UInt8>(1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128)
    var marks: UInt64 = 0
    var ends: UInt64 = 0
    for k in 0..<4 {
      let part = text.loadUnaligned(fromByteOffset: 16 &* k, as: SIMD16<UInt8>.self)
      let shift = UInt64(truncatingIfNeeded: 16 &* k)
      marks |= Self.bits(unsafeBitCast(part .== quote, to: SIMD16<UInt8>.self) & bit) << shift
      ends |= Self.bits(unsafeBitCast(part .== end, to: SIMD16<UInt8>.self) & bit) << shift
    }
    // A byte is inside where the marks up to it are odd: the sums modulo 2 of all bits below, doubling their reach.
    var within = marks
    within ^= within << 1
    within ^= within << 2
    within ^= within << 4
    within ^= within << 8
    within ^= within << 16
    within ^= within << 32
    if inside { within = ~within }
    quotes += marks.nonzeroBitCount
    terminators += ends.nonzeroBitCount
    endsFromOutside += (ends & ~within).nonzeroBitCount
    inside = within >> 63 == 1
  }

  /// One bit a byte, from bytes of which each has a bit of its own among eight.
  @inline(__always)
  private static func bits(_ bytes: SIMD16<UInt8>) -> UInt64 {
    let halves = unsafeBitCast(bytes, to: SIMD2<UInt64>.self)
    let first = (halves[0].littleEndian &* 0x0101_0101_0101_0101) >> 56
    let second = (halves[1].littleEndian &* 0x0101_0101_0101_0101) >> 56
    return first | second << 8
  }

  /// Counts byte by byte.
  private mutating func count(
    _ bytes: Slice<UnsafeBufferPointer<UInt8>>, _ terminator: UInt8, _ inside: inout Bool
  ) {
    for byte in bytes {
      if byte == 0x22 {
        quotes += 1
        inside.toggle()
      } else if byte == terminator {
        terminators += 1
        if !inside { endsFromOutside += 1 }
      }
    }
  }
}
