import Glibc
import Probability

/// The exact p-value of an r × c table given its margins, column by column.
///
/// The network algorithm of Mehta & Patel, J Am Stat Assoc 1983;78:427, doi 10.1080/01621459.1983.10477989. A node is
/// what remains of the row totals after some columns (their order does not matter, so they are kept sorted); paths into
/// a node with one value are merged; a path is closed as soon as the most, or the least, probable completion decides it.
struct FreemanHalton {
  /// The most column fillings that are looked at before an exact p-value is refused.
  private static let workLimit = 400_000_000

  private let rows: [Int]
  private let columns: [Int]
  private let observed: Double
  private let logFactorial: [Double]

  init(_ table: ContingencyTable) {
    // The shorter side makes the nodes; the longer one the stages, largest first.
    let rowsAreFewer = table.rowCount <= table.columnCount
    rows = (rowsAreFewer ? table.rowTotals : table.columnTotals).sorted()
    columns = (rowsAreFewer ? table.columnTotals : table.rowTotals).sorted(by: >)
    let logFactorial = (0...table.total).map { SpecialFunctions.logGamma(Double($0) + 1) }
    self.logFactorial = logFactorial
    observed = -table.counts.reduce(0) { $0 + $1.reduce(0) { $0 + logFactorial[$1] } }
  }

  /// The range of Σ −log x! over completions of a node.
  private struct Bounds {
    var least: Double
    var most: Double
  }

  private final class Search {
    var bounds: [[[Int]: Bounds]]
    var work = 0
    init(stages: Int) { bounds = Array(repeating: [:], count: stages + 1) }
  }

  /// Σ of the probabilities of all tables no more probable than the observed one (within a relative 1e-7).
  func pValue() throws(HypothesisTestError) -> Double {
    let search = Search(stages: columns.count)
    let limit = observed + 1e-7
    // For each node, the values of the paths into it and how many paths have each.
    var nodes: [[Int]: [Int64: (value: Double, count: Double)]] = [rows: [0: (0, 1)]]
    var closed = 0.0
    for (stage, column) in columns.enumerated() {
      var next: [[Int]: [Int64: (value: Double, count: Double)]] = [:]
      for node in nodes.keys.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
        let paths = nodes[node]!.values.sorted { $0.value < $1.value }
        var open: [(value: Double, count: Double)] = []
        let range = try bounds(stage, node, search)
        for path in paths {
          if path.value + range.most <= limit {
            closed += path.count * exp(path.value + completions(stage, node))
          } else if path.value + range.least <= limit {
            open.append(path)
          }
        }
        if open.isEmpty { continue }
        try forEachFilling(of: column, from: node, search) { remaining, value in
          for path in open {
            let sum = path.value + value
            let key = Int64((sum * 1e9).rounded())
            next[remaining, default: [:]][key, default: (sum, 0)].count += path.count
          }
        }
      }
      nodes = next
    }
    for paths in nodes.values {
      for path in paths.values where path.value <= limit { closed += path.count * exp(path.value + constant) }
    }
    return min(1, closed)
  }

  /// log of Π rᵢ! Π cⱼ! / N!.
  private var constant: Double {
    rows.reduce(0) { $0 + logFactorial[$1] } + columns.reduce(0) { $0 + logFactorial[$1] }
      - logFactorial[rows.reduce(0, +)]
  }

  /// log of the constant times Σ over completions of Π 1/x!, that is of N'!/(Π r'! Π c'!).
  private func completions(_ stage: Int, _ node: [Int]) -> Double {
    constant + logFactorial[node.reduce(0, +)] - node.reduce(0) { $0 + logFactorial[$1] }
      - columns[stage...].reduce(0) { $0 + logFactorial[$1] }
  }

  private func bounds(_ stage: Int, _ node: [Int], _ search: Search) throws(HypothesisTestError) -> Bounds {
    if stage == columns.count - 1 {
      let value = -node.reduce(0) { $0 + logFactorial[$1] }
      return Bounds(least: value, most: value)
    }
    if let known = search.bounds[stage][node] { return known }
    var found = Bounds(least: .infinity, most: -.infinity)
    try forEachFilling(of: columns[stage], from: node, search) {
      remaining, value throws(HypothesisTestError) in
      let rest = try bounds(stage + 1, remaining, search)
      found.least = min(found.least, value + rest.least)
      found.most = max(found.most, value + rest.most)
    }
    search.bounds[stage][node] = found
    return found
  }

  /// Calls `body` with what remains of the rows (sorted) and Σ −log x! for each way to fill a column.
  private func forEachFilling(
    of column: Int, from node: [Int], _ search: Search,
    _ body: ([Int], Double) throws(HypothesisTestError) -> Void
  ) throws(HypothesisTestError) {
    // capacity[i]: what rows i, i + 1, … can still hold.
    var capacity = [Int](repeating: 0, count: node.count + 1)
    for i in node.indices.reversed() { capacity[i] = capacity[i + 1] + node[i] }
    var remaining = node
    func fill(_ i: Int, _ left: Int, _ value: Double) throws(HypothesisTestError) {
      if i == node.count {
        search.work += 1
        guard search.work <= Self.workLimit else {
          throw .argument("the table is too large for Fisher's exact test; use the chi-squared test")
        }
        try body(remaining.sorted(), value)
        return
      }
      let least = max(0, left - capacity[i + 1])
      let most = min(node[i], left)
      guard least <= most else { return }
      for x in least...most {
        remaining[i] = node[i] - x
        try fill(i + 1, left - x, value - logFactorial[x])
      }
      remaining[i] = node[i]
    }
    try fill(0, column, 0)
  }
}
