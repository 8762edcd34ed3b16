/// The distinct texts that one thread of a scan met in a column, in the order in which it met them.
struct TextShare {
  let dictionary: ByteDictionary
  /// The row in which each was first met, ascending.
  let firstRows: [Int]

  /// The texts of several threads as one dictionary, in the order in which they first appear in the file, whichever thread
  /// read which rows.
  ///
  /// - Returns: the dictionary and, for each thread, its codes by those it gave; nil where they are the same.
  static func merge(_ shares: [TextShare]) -> (dictionary: ByteDictionary, codes: [[Int32]?]) {
    let unchanged = [[Int32]?](repeating: nil, count: shares.count)
    let holders = shares.indices.filter { shares[$0].dictionary.count > 0 }
    guard let first = holders.first else { return (ByteDictionary(), unchanged) }
    if holders.count == 1 { return (shares[first].dictionary, unchanged) }
    var coder = TextCoder()
    var codes = shares.map { share in
      var codes: [Int32] = []
      codes.reserveCapacity(share.dictionary.count)
      return codes
    }
    var taken = [Int](repeating: 0, count: shares.count)
    for _ in 0..<shares.reduce(0, { $0 + $1.dictionary.count }) {
      var next = first
      var row = Int.max
      for holder in holders where taken[holder] < shares[holder].firstRows.count {
        let own = shares[holder].firstRows[taken[holder]]
        if own < row { (next, row) = (holder, own) }
      }
      let code = shares[next].dictionary.withBytes(of: taken[next]) { coder.code(of: $0) }
      codes[next].append(code)
      taken[next] += 1
    }
    let recoded = codes.map { codes in
      codes.indices.allSatisfy { codes[$0] == Int32($0) } ? nil : codes
    }
    return (coder.dictionary, recoded)
  }
}
