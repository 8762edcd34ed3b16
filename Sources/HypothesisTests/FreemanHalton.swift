import Glibc
import Probability

/// The exact p-value of an r × c table given its margins, column by column.
///
/// The network algorithm of Mehta & Patel, J Am Stat Assoc 1983;78:427, doi 10.1080/01621459.1983.10477989. A node is
/// what remains of the row totals after some columns; paths into a node with one value are merged; a path is closed as
/// soon as the most, or the least, probable completion decides it. The last two columns are not walked: what completes a
/// node by them is looked up in the sorted values of its paths.
struct FreemanHalton {
  /// The most extensions of paths that are computed before an exact p-value is refused.
  static let extensionLimit = 600_000_000
  /// The most fillings of columns that the network is built of.
  static let fillingLimit = 30_000_000
  /// The most paths, and the most nodes, that are kept.
  static let storageLimit = 12_000_000

  private let columns: [Int]
  private let observed: Double
  private let logFactorial: [Double]
  private let network: FreemanHaltonNetwork

  init(_ table: ContingencyTable) throws(HypothesisTestError) {
    // The shorter side makes the nodes; the longer one the stages, largest first.
    let rowsAreFewer = table.rowCount <= table.columnCount
    let rows = (rowsAreFewer ? table.rowTotals : table.columnTotals).sorted()
    columns = (rowsAreFewer ? table.columnTotals : table.rowTotals).sorted(by: >)
    let logFactorial = (0...table.total).map { SpecialFunctions.logGamma(Double($0) + 1) }
    self.logFactorial = logFactorial
    observed = -table.counts.reduce(0) { $0 + $1.reduce(0) { $0 + logFactorial[$1] } }
    network = try FreemanHaltonNetwork(rows: rows, columns: columns, logFactorial: logFactorial)
  }

  /// The paths into one node: values ascending, how many tables have each, and their running mass relative to `scale`.
  private struct Paths {
    var values: [Double] = []
    var counts: [Double] = []
    var mass: [Double] = [0]
    var scale = 0.0

    init(values: [Double], counts: [Double]) {
      self.values = values
      self.counts = counts
      scale = values.last ?? 0
      mass.reserveCapacity(values.count + 1)
      var sum = 0.0
      for k in values.indices {
        sum += counts[k] * exp(values[k] - scale)
        mass.append(sum)
      }
    }

    /// The number of paths with values up to a limit.
    func count(upTo limit: Double) -> Int {
      var (low, high) = (0, values.count)
      while low < high {
        let middle = (low + high) / 2
        if values[middle] <= limit { low = middle + 1 } else { high = middle }
      }
      return low
    }
  }

  /// Σ of the probabilities of all tables no more probable than the observed one (within a relative 1e-7).
  func pValue() throws(HypothesisTestError) -> Double {
    let limit = observed + 1e-7
    let last = columns.count - 2
    guard last >= 0 else { return 1 }
    let constant = network.constant
    var closed = 0.0
    var extensions = 0
    var paths = [Paths(values: [0], counts: [1])]
    for stage in 0..<last {
      let next = network.stages[stage + 1]
      var arcs = [[Arc]](repeating: [], count: next.count)
      var arcCount = 0
      for node in paths.indices where !paths[node].values.isEmpty {
        let own = paths[node]
        network.forEachFilling(of: stage, from: node) { target, value in
          let closing = own.count(upTo: limit - value - next.most[target])
          let open = own.count(upTo: limit - value - next.least[target])
          closed += own.mass[closing] * exp(own.scale + value + next.completions[target])
          if open > closing {
            arcs[target].append(Arc(source: node, first: closing, end: open, value: value))
            extensions += open - closing
            arcCount += 1
          }
        }
        guard extensions <= Self.extensionLimit, arcCount <= Self.storageLimit else { throw Self.tooLarge }
      }
      var merger = PathMerger()
      var kept = 0
      var following: [Paths] = []
      following.reserveCapacity(next.count)
      for target in 0..<next.count {
        for arc in arcs[target] { merger.add(paths[arc.source].values, paths[arc.source].counts, arc) }
        let (values, counts) = merger.take()
        kept += values.count
        guard kept <= Self.storageLimit else { throw Self.tooLarge }
        following.append(Paths(values: values, counts: counts))
      }
      paths = following
    }
    let end = network.stages[last + 1]
    for node in paths.indices where !paths[node].values.isEmpty {
      let own = paths[node]
      network.forEachFilling(of: last, from: node) { target, value in
        let whole = value + end.most[target]
        closed += own.mass[own.count(upTo: limit - whole)] * exp(own.scale + whole + constant)
      }
    }
    return min(1, closed)
  }

  static let tooLarge = HypothesisTestError.argument(
    "the table is too large for Fisher's exact test; use the chi-squared test")

  /// The open paths of a node that a filling of the next column takes to another node.
  fileprivate struct Arc {
    let source: Int
    let first: Int
    let end: Int
    let value: Double
  }

  /// Adds up the counts of paths with one value (to 1e-9), in an open hash table that serves one node after another.
  fileprivate struct PathMerger {
    private var keys = [Int64](repeating: .min, count: 1 << 10)
    private var places = [Int32](repeating: 0, count: 1 << 10)
    private var values: [Double] = []
    private var counts: [Double] = []

    mutating func add(_ pathValues: [Double], _ pathCounts: [Double], _ arc: Arc) {
      for k in arc.first..<arc.end {
        if 2 * values.count >= keys.count { grow() }
        let sum = pathValues[k] + arc.value
        let key = Int64((sum * 1e9).rounded())
        let mask = keys.count - 1
        var slot = Int(truncatingIfNeeded: (UInt64(bitPattern: key) &* 0x9E37_79B9_7F4A_7C15) >> 20) & mask
        while keys[slot] != key, keys[slot] != .min { slot = (slot + 1) & mask }
        if keys[slot] == key {
          counts[Int(places[slot])] += pathCounts[k]
        } else {
          keys[slot] = key
          places[slot] = Int32(values.count)
          values.append(sum)
          counts.append(pathCounts[k])
        }
      }
    }

    private mutating func grow() {
      let old = (keys, places)
      keys = [Int64](repeating: .min, count: 2 * old.0.count)
      places = [Int32](repeating: 0, count: keys.count)
      let mask = keys.count - 1
      for (key, place) in zip(old.0, old.1) where key != .min {
        var slot = Int(truncatingIfNeeded: (UInt64(bitPattern: key) &* 0x9E37_79B9_7F4A_7C15) >> 20) & mask
        while keys[slot] != .min { slot = (slot + 1) & mask }
        keys[slot] = key
        places[slot] = place
      }
    }

    /// The merged paths by value; the table is empty afterwards.
    mutating func take() -> (values: [Double], counts: [Double]) {
      guard !values.isEmpty else { return ([], []) }
      let order = values.indices.sorted { values[$0] < values[$1] }
      let result = (order.map { values[$0] }, order.map { counts[$0] })
      if keys.count > 64 * values.count {
        keys = [Int64](repeating: .min, count: 1 << 10)
        places = [Int32](repeating: 0, count: 1 << 10)
      } else {
        for i in keys.indices { keys[i] = .min }
      }
      values.removeAll(keepingCapacity: true)
      counts.removeAll(keepingCapacity: true)
      return result
    }
  }
}
