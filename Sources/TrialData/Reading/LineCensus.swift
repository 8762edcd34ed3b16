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
        count(bytes[start..<(start + 256)], terminator, &inside)
      }
      start += 256
    }
    count(bytes[start...], terminator, &inside)
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
