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
    for i in 0..<bytes.count {
      let byte = base[i]
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
