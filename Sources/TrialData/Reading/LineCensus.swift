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
    var inside = false
    var start = 0
    while start < bytes.count {
      // Blocks short enough for one-byte counters; most hold no quotation mark and need no second look.
      let end = min(start + 248, bytes.count)
      var (marks, ends): (UInt8, UInt8) = (0, 0)
      for i in start..<end {
        marks |= base[i] == 0x22 ? 1 : 0
        ends &+= base[i] == terminator ? 1 : 0
      }
      if marks == 0 {
        terminators += Int(ends)
        if !inside { endsFromOutside += Int(ends) }
      } else {
        count(bytes[start..<end], terminator, &inside)
      }
      start = end
    }
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
