/// The row of each participant's key.
struct ParticipantKeys {
  private let texts: [String?]
  /// The row of each key; nil where the keys ascend, so that halving finds them.
  private let rows: [String: Int]?
  /// The rows without a key or with that of an earlier row, ascending.
  let faultyRows: [Int]

  /// - Parameter texts: the key of each row, nil where it is missing.
  init(_ texts: [String?]) {
    self.texts = texts
    guard !Self.ascend(texts) else {
      rows = nil
      faultyRows = []
      return
    }
    var rows: [String: Int] = Dictionary(minimumCapacity: texts.count)
    var faultyRows: [Int] = []
    for (row, text) in texts.enumerated() where text == nil || rows.updateValue(row, forKey: text!) != nil {
      faultyRows.append(row)
    }
    self.rows = rows
    self.faultyRows = faultyRows
  }

  private static func ascend(_ texts: [String?]) -> Bool {
    for row in texts.indices {
      guard let text = texts[row] else { return false }
      if row > 0, texts[row - 1]! >= text { return false }
    }
    return true
  }

  /// The row of a key; nil where no row has it.
  ///
  /// - Parameter last: the row that was found last. The rows of one participant mostly follow each other in a file, and
  ///   participants come in the same order in most files of a trial.
  func row(of text: String, near last: Int) -> Int? {
    for row in last..<min(last + 3, texts.count) where texts[row] == text { return row }
    if let rows { return rows[text] }
    var low = 0
    var high = texts.count
    while low < high {
      let middle = (low + high) / 2
      if texts[middle]! < text { low = middle + 1 } else { high = middle }
    }
    return low < texts.count && texts[low] == text ? low : nil
  }
}
