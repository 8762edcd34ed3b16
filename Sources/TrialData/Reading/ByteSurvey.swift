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
    }
  }

  /// The counts of a file from an offset on, on as many threads as its size repays.
  static func of(_ content: FileBytes, from offset: Int = 0) -> ByteSurvey {
    let size = content.count - offset
    let parts = max(1, min(coreCount, size >> 21))
    let slots = ThreadSlots<ByteSurvey>(count: parts)
    parallelLoop(parts) { part in
      let start = offset + size * part / parts
      let end = offset + size * (part + 1) / parts
      slots[part] = ByteSurvey(
        UnsafeBufferPointer(rebasing: content.bytes[start..<end]),
        next: end < content.count ? content.base[end] : nil)
    }
    return total((0..<parts).map { slots[$0]! })
  }
}
