/// Where the fields of a stretch of plain text end, found sixteen bytes at a time before any of them is read.
///
/// Who walks from field to field must know the length of one before the next can begin; where the borders are known
/// already, a processor works on several fields at once (Langdale and Lemire 2019, doi 10.1007/s00778-019-00578-5).
final class FieldBorders {
  /// Places relative to the start of the stretch: the one before its first byte, then the end of every field.
  let places: UnsafeMutablePointer<Int32>
  /// The number of fields that end in the stretch.
  private(set) var count = 0
  /// The number of terminators among their ends.
  private(set) var terminators = 0
  /// The bytes of a stretch.
  let length: Int

  /// How many places are written at once, wanted or not: a loop that ended with the last would be mispredicted each time.
  private static let batch = 12
  /// A counter of one byte takes one terminator of each of so many blocks of sixty-four bytes.
  private static let countedBlocks = 255

  /// - Parameter length: the bytes of a stretch; few enough that they and their borders stay in the nearest cache.
  init(length: Int) {
    self.length = length
    places = .allocate(capacity: length + 1 + 64 + Self.batch)
    places.initialize(to: -1)
  }

  deinit { places.deallocate() }

  /// Finds the borders in the bytes from a place on.
  ///
  /// - Parameter limit: the end of the text; the stretch ends there, if not before.
  /// - Returns: the end of the stretch.
  func find(
    in base: UnsafePointer<UInt8>, from start: Int, to limit: Int, delimiter: UInt8, terminator: UInt8
  ) -> Int {
    let text = UnsafeRawPointer(base + start)
    let size = min(length, limit - start)
    let blocks = size / 64
    var found = 1
    var ended = 0
    var block = 0
    while block < blocks {
      let next = min(block + Self.countedBlocks, blocks)
      ended += find(in: text, blocks: block..<next, &found, delimiter, terminator)
      block = next
    }
    for i in (64 * blocks)..<size {
      let byte = base[start + i]
      guard byte == delimiter || byte == terminator else { continue }
      places[found] = Int32(truncatingIfNeeded: i)
      found += 1
      if byte == terminator { ended += 1 }
    }
    count = found - 1
    terminators = ended
    return start + size
  }

  /// - Returns: the number of terminators.
  @inline(__always)
  private func find(
    in text: UnsafeRawPointer, blocks: Range<Int>, _ found: inout Int, _ delimiter: UInt8, _ terminator: UInt8
  ) -> Int {
    let delimiters = SIMD16<UInt8>(repeating: delimiter)
    let terminators = SIMD16<UInt8>(repeating: terminator)
    // A bit of its own for each byte of eight: a product adds up the eight to one byte.
    let bit = SIMD16<UInt8>(1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128)
    var ended = (SIMD16<UInt8>(), SIMD16<UInt8>(), SIMD16<UInt8>(), SIMD16<UInt8>())
    @inline(__always)
    func ends(_ place: Int, _ ended: inout SIMD16<UInt8>) -> UInt64 {
      let bytes = text.loadUnaligned(fromByteOffset: place, as: SIMD16<UInt8>.self)
      let last = unsafeBitCast(bytes .== terminators, to: SIMD16<UInt8>.self)
      // Each byte of a comparison is 0 or −1.
      ended &-= last
      let either = unsafeBitCast(bytes .== delimiters, to: SIMD16<UInt8>.self) | last
      let halves = unsafeBitCast(either & bit, to: SIMD2<UInt64>.self)
      let first = (halves[0].littleEndian &* 0x0101_0101_0101_0101) >> 56
      let second = (halves[1].littleEndian &* 0x0101_0101_0101_0101) >> 56
      return first | second << 8
    }
    let places = places
    var number = found
    for block in blocks {
      let place = 64 &* block
      var bits = ends(place, &ended.0)
      bits |= ends(place &+ 16, &ended.1) << 16
      bits |= ends(place &+ 32, &ended.2) << 32
      bits |= ends(place &+ 48, &ended.3) << 48
      let next = number &+ bits.nonzeroBitCount
      repeat {
        for k in 0..<Self.batch {
          places[number &+ k] = Int32(truncatingIfNeeded: place &+ bits.trailingZeroBitCount)
          bits &= bits &- 1
        }
        number = number &+ Self.batch
      } while bits != 0
      number = next
    }
    found = number
    var sum = 0
    for part in [ended.0, ended.1, ended.2, ended.3] {
      for i in part.indices { sum += Int(part[i]) }
    }
    return sum
  }
}
