import ModelFormula
import Probability

@testable import Randomisation

/// Lists drawn as trials draw them, for tests to audit.
enum TrialLists {
  /// Permuted blocks of the given sizes, 1:1 (or another ratio), cut at a length.
  static func blocked(_ n: Int, sizes: [Int], ratio: [Int] = [1, 1], seed: UInt64, replicate: Int = 0)
    -> [Int]
  {
    var stream = RandomStream(seed: seed, purpose: "list/blocks", replicate: replicate)
    let unit = ratio.reduce(0, +)
    var list: [Int] = []
    while list.count < n {
      let size = sizes[stream.integer(below: sizes.count)]
      var block = ratio.enumerated().flatMap { [Int](repeating: $0, count: size / unit * $1) }
      stream.shuffle(&block)
      list += block
    }
    return Array(list.prefix(n))
  }

  /// All orders of equal numbers.
  static func complete(_ n: Int, seed: UInt64, replicate: Int = 0) -> [Int] {
    var stream = RandomStream(seed: seed, purpose: "list/complete", replicate: replicate)
    var list = (0..<n).map { $0 % 2 }
    stream.shuffle(&list)
    return list
  }

  /// Rows of a file with one participant a line, the header on line 1.
  static func records(_ arm: [Int], codes: [String] = ["IPS", "control"]) -> AllocationRecords {
    AllocationRecords(
      ids: arm.indices.map { "P\($0 + 1)" }, arms: arm.map { codes[$0] }, lines: arm.indices.map { $0 + 2 })
  }

  /// An audit of two arms 1:1.
  static func audit(draws: Int = 999) -> RandomisationAudit {
    var audit = RandomisationAudit()
    audit.arms = TrialArms(["IPS", "control"], control: 1)
    audit.draws = draws
    audit.seed = 7
    return audit
  }
}
