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
  /// Where in the file the survey began.
  private(set) var start = 0
  /// The line feeds and carriage returns of each block of `blockSize` bytes.
  private(set) var blocks: [(feeds: Int, returns: Int)] = []

  /// The bytes of a block: long enough to be few, short enough to cut a file in even parts.
  static let blockSize = 1 << 18

  /// The counts of a stretch of bytes; `next` is the byte behind it, if any.
  init(_ bytes: UnsafeBufferPointer<UInt8>, next: UInt8?) {
    guard let base = bytes.baseAddress else { return }
    var start = 0
    // Blocks short enough for one-byte counters, which the compiler turns into vector instructions.
    while start < bytes.count {
      let end = min(start + 248, bytes.count)
      var (feeds, returns, marks, nothing, high): (UInt8, UInt8, UInt8, UInt8, UInt8) = (0, 0, 0, 0, 0)
      for i in start..<end {
        let byte = base[i]
        feeds &+= byte == 0x0a ? 1 : 0
        returns &+= byte == 0x0d ? 1 : 0
        marks &+= byte == 0x22 ? 1 : 0
        nothing &+= byte == 0 ? 1 : 0
        high |= byte
      }
      if returns > 0 {
        for i in start..<end where base[i] == 0x0d {
          if (i + 1 < bytes.count ? base[i + 1] : next) == 0x0a { pairs += 1 }
        }
      }
      lineFeeds += Int(feeds)
      carriageReturns += Int(returns)
      quotes += Int(marks)
      zeroes += Int(nothing)
      if high >= 0x80 { hasBytesBeyondASCII = true }
      start = end
    }
  }

  private init() {}

  /// The counts of several stretches together.
  static func total(_ parts: [ByteSurvey]) -> ByteSurvey {
    parts.reduce(into: ByteSurvey()) { sum, part in
      sum.lineFeeds += part.lineFeeds
      sum.carriageReturns += part.carriageReturns
      sum.pairs += part.pairs
      sum.quotes += part.quotes
      sum.zeroes += part.zeroes
      sum.hasBytesBeyondASCII = sum.hasBytesBeyondASCII || part.hasBytesBeyondASCII
      sum.blocks += part.blocks
    }
  }

  /// The counts of a file from an offset on, on as many threads as its size repays.
  static func of(_ content: FileBytes, from offset: Int = 0) -> ByteSurvey {
    let size = content.count - offset
    let blocks = (size + blockSize - 1) / blockSize
    let parts = max(1, min(coreCount, size >> 21))
    let slots = ThreadSlots<ByteSurvey>(count: parts)
    parallelLoop(parts) { part in
      var own = ByteSurvey()
      for block in (blocks * part / parts)..<(blocks * (part + 1) / parts) {
        let start = offset + block * blockSize
        let end = min(start + blockSize, content.count)
        let counts = ByteSurvey(
          UnsafeBufferPointer(rebasing: content.bytes[start..<end]),
          next: end < content.count ? content.base[end] : nil)
        own = total([own, counts])
        own.blocks.append((counts.lineFeeds, counts.carriageReturns))
      }
      slots[part] = own
    }
    var sum = total((0..<parts).map { slots[$0]! })
    sum.start = offset
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
