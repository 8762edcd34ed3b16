import LinearAlgebra

/// What bytes a stretch of a file holds: one pass that decides how carefully the others must look.
struct ByteSurvey: Sendable {
  var lineFeeds = 0
  var carriageReturns = 0
  /// Carriage returns with a line feed behind them.
  var pairs = 0
  var quotes = 0
  var zeroes = 0
  var hasBytesBeyondASCII = false
  /// True where a file's bytes, from the start of the survey on, are characters of UTF-8.
  private(set) var isUTF8 = true
  /// Where in the file the survey began.
  private(set) var start = 0
  /// The line feeds and carriage returns of each block of `blockSize` bytes.
  private(set) var blocks: [(feeds: Int, returns: Int)] = []

  /// The bytes of a block: long enough to be few, short enough to cut a file in even parts.
  static let blockSize = 1 << 18

  /// The counts of a stretch of bytes; `next` is the byte behind it, if any.
  init(_ bytes: UnsafeBufferPointer<UInt8>, next: UInt8?) {
    guard let base = bytes.baseAddress else { return }
    let text = UnsafeRawPointer(base)
    var start = 0
    while start + 16 <= bytes.count {
      let vectors = min(Self.countedVectors, (bytes.count - start) / 16)
      let returns = count(text + start, vectors: vectors)
      let end = start + 16 * vectors
      if returns > 0 {
        carriageReturns += returns
        pairs += Self.pairs(text + start, count: end - start, next: end < bytes.count ? base[end] : next)
      }
      start = end
    }
    for i in start..<bytes.count {
      switch base[i] {
      case 0x0a: lineFeeds += 1
      case 0x0d:
        carriageReturns += 1
        if (i + 1 < bytes.count ? base[i + 1] : next) == 0x0a { pairs += 1 }
      case 0x22: quotes += 1
      case 0: zeroes += 1
      case 0x80...: hasBytesBeyondASCII = true
      default: break
      }
    }
  }

  /// A counter of one byte takes one of each of so many vectors.
  private static let countedVectors = 255

  /// Counts sixteen bytes at a time.
  ///
  /// - Returns: the number of carriage returns.
  private mutating func count(_ text: UnsafeRawPointer, vectors: Int) -> Int {
    let (feed, mark) = (SIMD16<UInt8>(repeating: 0x0a), SIMD16<UInt8>(repeating: 0x22))
    let (turn, zero) = (SIMD16<UInt8>(repeating: 0x0d), SIMD16<UInt8>())
    var (feeds, turns, marks, nothing, any) = (zero, zero, zero, zero, zero)
    for k in 0..<vectors {
      let bytes = text.loadUnaligned(fromByteOffset: 16 &* k, as: SIMD16<UInt8>.self)
      // Each byte of a comparison is 0 or −1.
      feeds &-= unsafeBitCast(bytes .== feed, to: SIMD16<UInt8>.self)
      turns &-= unsafeBitCast(bytes .== turn, to: SIMD16<UInt8>.self)
      marks &-= unsafeBitCast(bytes .== mark, to: SIMD16<UInt8>.self)
      nothing &-= unsafeBitCast(bytes .== zero, to: SIMD16<UInt8>.self)
      any = any | bytes
    }
    lineFeeds += Self.sum(feeds)
    quotes += Self.sum(marks)
    zeroes += Self.sum(nothing)
    let words = unsafeBitCast(any, to: SIMD2<UInt64>.self)
    if (words[0] | words[1]) & 0x8080_8080_8080_8080 != 0 { hasBytesBeyondASCII = true }
    return Self.sum(turns)
  }

  private static func sum(_ counters: SIMD16<UInt8>) -> Int {
    counters.indices.reduce(0) { $0 + Int(counters[$1]) }
  }

  /// The carriage returns with a line feed behind them; no more than `countedVectors` vectors of bytes.
  private static func pairs(_ text: UnsafeRawPointer, count: Int, next: UInt8?) -> Int {
    let (feed, turn) = (SIMD16<UInt8>(repeating: 0x0a), SIMD16<UInt8>(repeating: 0x0d))
    var found = SIMD16<UInt8>()
    var start = 0
    while start + 17 <= count {
      let bytes = text.loadUnaligned(fromByteOffset: start, as: SIMD16<UInt8>.self)
      let behind = text.loadUnaligned(fromByteOffset: start &+ 1, as: SIMD16<UInt8>.self)
      let turns = unsafeBitCast(bytes .== turn, to: SIMD16<UInt8>.self)
      found &-= turns & unsafeBitCast(behind .== feed, to: SIMD16<UInt8>.self)
      start += 16
    }
    var pairs = sum(found)
    let base = text.assumingMemoryBound(to: UInt8.self)
    for i in start..<count where base[i] == 0x0d {
      if (i + 1 < count ? base[i + 1] : next) == 0x0a { pairs += 1 }
    }
    return pairs
  }

  private init() {}

  /// The counts of several stretches together.
  private static func total(_ parts: [ByteSurvey]) -> ByteSurvey {
    parts.reduce(into: ByteSurvey()) { sum, part in
      sum.lineFeeds += part.lineFeeds
      sum.carriageReturns += part.carriageReturns
      sum.pairs += part.pairs
      sum.quotes += part.quotes
      sum.zeroes += part.zeroes
      sum.hasBytesBeyondASCII = sum.hasBytesBeyondASCII || part.hasBytesBeyondASCII
    }
  }

  /// A block of a file.
  private struct Block {
    let counts: ByteSurvey
    /// Where the valid characters that begin in the block and stand there without a gap begin and end.
    let characters: Range<Int>

    init(of content: FileBytes, from start: Int, to end: Int, isFirst: Bool) {
      counts = ByteSurvey(
        UnsafeBufferPointer(rebasing: content.bytes[start..<end]),
        next: end < content.count ? content.base[end] : nil)
      characters =
        counts.hasBytesBeyondASCII
        ? UTF8Check.characters(of: content.bytes, from: start, to: end, isFirst: isFirst) : start..<end
    }
  }

  /// The counts of a file from an offset on, on as many threads as its size repays.
  static func of(_ content: FileBytes, from offset: Int = 0) -> ByteSurvey {
    let size = content.count - offset
    let count = (size + blockSize - 1) / blockSize
    let slots = ThreadSlots<Block>(count: count)
    let queue = BlockQueue(count: count)
    parallelLoop(max(1, min(coreCount, size >> 21))) { _ in
      while let k = queue.next() {
        let start = offset + k * blockSize
        slots[k] = Block(of: content, from: start, to: min(start + blockSize, content.count), isFirst: k == 0)
      }
    }
    let blocks = (0..<count).map { slots[$0]! }
    var sum = total(blocks.map(\.counts))
    sum.start = offset
    sum.blocks = blocks.map { ($0.counts.lineFeeds, $0.counts.carriageReturns) }
    // A character may lie across the border of two blocks, but none begins within another.
    sum.isUTF8 = blocks.indices.allSatisfy { k in
      blocks[k].characters.upperBound == (k + 1 < count ? blocks[k + 1].characters.lowerBound : content.count)
    }
    return sum
  }

  /// Places at the borders of blocks that cut the bytes from a place to the end into even parts; nil where the first part would
  /// begin behind its end.
  func cuts(into count: Int, from body: Int, to end: Int) -> [Int]? {
    let inner = (1..<max(count, 1)).map { start + blocks.count * $0 / count * Self.blockSize }
    guard inner.first.map({ $0 > body }) ?? true else { return nil }
    return [body] + inner + [end]
  }

  /// The line ends between two cuts; the first cut counts from the start of the survey.
  func lineEnds(_ terminator: UInt8, from first: Int, to last: Int) -> Int {
    let lower = (first - start) / Self.blockSize
    let upper = (last - start + Self.blockSize - 1) / Self.blockSize
    return blocks[lower..<min(upper, blocks.count)].reduce(0) {
      $0 + (terminator == 0x0a ? $1.feeds : $1.returns)
    }
  }
}
