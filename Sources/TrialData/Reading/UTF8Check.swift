import LinearAlgebra

/// Validity of UTF-8 (Unicode 15, table 3-7: no overlong forms, no surrogates, nothing above U+10FFFF).
enum UTF8Check {
  /// The offset of the first byte that is not part of a valid character; large files on as many threads as they repay.
  static func firstInvalid(_ bytes: UnsafeBufferPointer<UInt8>, from offset: Int) -> Int? {
    let size = bytes.count - offset
    let parts = max(1, min(coreCount, size >> 21))
    if parts == 1 {
      let stop = check(bytes, from: offset, to: bytes.count)
      return stop < bytes.count ? stop : nil
    }
    // A part begins behind the tail of a character that the cut falls into; the part before must have passed just that far.
    let cuts = (0...parts).map { offset + size * $0 / parts }
    let found = ThreadSlots<Range<Int>>(count: parts)
    let whole = SharedBytes(bytes)
    parallelLoop(parts) { part in
      found[part] = characters(of: whole.bytes, from: cuts[part], to: cuts[part + 1], isFirst: part == 0)
    }
    for part in 0..<parts {
      let next = part + 1 < parts ? found[part + 1]!.lowerBound : bytes.count
      guard found[part]!.upperBound != next else { continue }
      // Where a part stopped elsewhere than the next began, the bytes from there on are looked at once more, in order.
      let stop = check(bytes, from: min(found[part]!.upperBound, next), to: bytes.count)
      return stop < bytes.count ? stop : nil
    }
    return nil
  }

  /// The valid characters that begin between two places, behind the tail of one that begins before the first.
  ///
  /// - Parameter isFirst: true where no character begins before.
  static func characters(
    of bytes: UnsafeBufferPointer<UInt8>, from start: Int, to end: Int, isFirst: Bool
  ) -> Range<Int> {
    var first = start
    if !isFirst {
      for _ in 0..<3 where first < bytes.count && bytes[first] & 0xc0 == 0x80 { first += 1 }
    }
    return first..<check(bytes, from: first, to: end)
  }

  /// Passes over valid characters that begin before an end; the place behind the last of them, or of the first byte that begins
  /// none.
  private static func check(_ bytes: UnsafeBufferPointer<UInt8>, from offset: Int, to end: Int) -> Int {
    var i = offset
    guard let base = bytes.baseAddress else { return i }
    while i < end {
      // Characters of one and two bytes, those of western Europe, go sixty-four bytes at a time: most of a file.
      i = passShort(base, from: i, to: end)
      while i + 8 <= end {
        let tops =
          UnsafeRawPointer(base + i).loadUnaligned(as: UInt64.self).littleEndian & 0x8080_8080_8080_8080
        i += tops.trailingZeroBitCount >> 3
        if tops != 0 { break }
      }
      while i < end, base[i] < 0x80 { i += 1 }
      guard i < end else { return i }
      // The letters of western Europe have two bytes.
      if base[i] &- 0xc2 < 0x1e, i + 1 < bytes.count, base[i + 1] & 0xc0 == 0x80 {
        i += 2
        continue
      }
      guard let length = validLength(bytes, at: i) else { return i }
      i += length
    }
    return i
  }

  /// Passes over blocks of valid characters of one and two bytes.
  ///
  /// A byte of 0x80 to 0xBF must follow one of 0xC2 to 0xDF, and nothing else may: the former are looked for in sixteen bytes, the
  /// latter in those one place before.
  ///
  /// - Parameter start: where a character begins.
  /// - Returns: where a character begins, or a block that holds something else.
  private static func passShort(_ base: UnsafePointer<UInt8>, from start: Int, to end: Int) -> Int {
    guard start < end, base[start] & 0xc0 != 0x80 else { return start }
    let text = UnsafeRawPointer(base)
    var i = start
    // The byte before a place is only read behind the first, which begins a character.
    if base[i] >= 0x80 { return i }
    i += 1
    // So many bits at the top of a byte. (A vector made within the loop is not one for the compiler.)
    let one = SIMD16<UInt8>(repeating: 0x80)
    let two = SIMD16<UInt8>(repeating: 0xc0)
    let three = SIMD16<UInt8>(repeating: 0xe0)
    let seven = SIMD16<UInt8>(repeating: 0xfe)
    while i + 64 <= end {
      var wrong = SIMD16<UInt8>()
      for k in 0..<4 {
        let place = i &+ 16 &* k
        let bytes = text.loadUnaligned(fromByteOffset: place, as: SIMD16<UInt8>.self)
        let before = text.loadUnaligned(fromByteOffset: place &- 1, as: SIMD16<UInt8>.self)
        let follows = unsafeBitCast((bytes & two) .== one, to: SIMD16<UInt8>.self)
        let leads = unsafeBitCast((before & three) .== two, to: SIMD16<UInt8>.self)
        // 0xC0 and 0xC1 would begin characters of one byte; from 0xE0 on they are longer.
        let overlong = unsafeBitCast((bytes & seven) .== two, to: SIMD16<UInt8>.self)
        let longer = unsafeBitCast((bytes & three) .== three, to: SIMD16<UInt8>.self)
        wrong = wrong | (follows ^ leads) | overlong | longer
      }
      let words = unsafeBitCast(wrong, to: SIMD2<UInt64>.self)
      if words[0] | words[1] != 0 { break }
      i += 64
    }
    // The character that the last block ended in is looked at once more.
    return base[i &- 1] >= 0xc0 ? i &- 1 : i
  }

  /// The length in bytes of the valid character beyond ASCII at an offset; nil where there is none.
  static func validLength(_ bytes: UnsafeBufferPointer<UInt8>, at i: Int) -> Int? {
    let lead = bytes[i]
    let length: Int
    var low: UInt8 = 0x80
    var high: UInt8 = 0xbf
    switch lead {
    case 0xc2...0xdf: length = 2
    case 0xe0: (length, low) = (3, 0xa0)
    case 0xed: (length, high) = (3, 0x9f)
    case 0xe1...0xef: length = 3
    case 0xf0: (length, low) = (4, 0x90)
    case 0xf4: (length, high) = (4, 0x8f)
    case 0xf1...0xf3: length = 4
    default: return nil
    }
    guard i + length <= bytes.count, bytes[i + 1] >= low, bytes[i + 1] <= high else { return nil }
    for k in 2..<max(length, 2) where bytes[i + k] & 0xc0 != 0x80 { return nil }
    return length
  }
}

/// Bytes that several threads read and none writes.
private struct SharedBytes: @unchecked Sendable {
  // Sendable is unchecked because of the pointer: the caller holds the bytes until all threads are done.
  let bytes: UnsafeBufferPointer<UInt8>

  init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }
}
