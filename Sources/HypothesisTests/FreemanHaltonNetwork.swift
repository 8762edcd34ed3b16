/// The nodes of the network algorithm for one pair of margins, with the range of what completes each.
struct FreemanHaltonNetwork {
  /// The nodes after some columns have been filled.
  struct Stage {
    /// What remains of the row totals, ascending: as many numbers a node as there are rows.
    var remaining: [Int32]
    /// The range of Σ −log x! over the fillings of the columns that are left.
    var least: [Double]
    var most: [Double]
    /// log of the constant times Σ over those fillings of Π 1/x!.
    var completions: [Double]
    /// Node numbers by key.
    var numbers: [Int: Int32] = [:]
    var count: Int { least.count }
  }

  private let rowCount: Int
  private let columns: [Int]
  private let logFactorial: [Double]
  /// Weights of the rows in a node's key.
  private let radix: [Int]
  /// log of Π rᵢ! Π cⱼ! / N!.
  let constant: Double
  /// The nodes before each column; the first has one.
  private(set) var stages: [Stage] = []

  /// - Parameters:
  ///   - rows: the row totals, ascending.
  ///   - columns: the column totals, in the order in which they are filled.
  ///   - logFactorial: log x! for every x up to the total.
  init(rows: [Int], columns: [Int], logFactorial: [Double]) throws(HypothesisTestError) {
    rowCount = rows.count
    self.columns = columns
    self.logFactorial = logFactorial
    let total = rows.reduce(0, +)
    constant =
      rows.reduce(0) { $0 + logFactorial[$1] } + columns.reduce(0) { $0 + logFactorial[$1] }
      - logFactorial[total]
    // What remains of the last row follows from the others.
    var radix: [Int] = []
    var size = 1
    for row in rows.dropLast() {
      radix.append(size)
      let (product, overflow) = size.multipliedReportingOverflow(by: row + 1)
      guard !overflow else { throw FreemanHalton.tooLarge }
      size = product
    }
    self.radix = radix + [0]
    stages = [stage(remaining: rows.map(Int32.init), numbers: [0: 0], number: 0)]
    var work = 0
    for column in columns.indices.dropLast() {
      var found: [Int32] = []
      var numbers: [Int: Int32] = [:]
      for node in 0..<stages[column].count {
        fill(column, node) { key, remaining, _ in
          work += 1
          if numbers[key] == nil {
            numbers[key] = Int32(numbers.count)
            found += remaining
          }
        }
        guard work <= FreemanHalton.fillingLimit, found.count <= FreemanHalton.storageLimit else {
          throw FreemanHalton.tooLarge
        }
      }
      stages.append(stage(remaining: found, numbers: numbers, number: column + 1))
    }
    bound()
  }

  private func stage(remaining: [Int32], numbers: [Int: Int32], number: Int) -> Stage {
    let count = remaining.count / rowCount
    let left = columns[number...]
    let ofColumns = left.reduce(0) { $0 + logFactorial[$1] }
    let ofTotal = logFactorial[left.reduce(0, +)]
    var completions = [Double](repeating: constant + ofTotal - ofColumns, count: count)
    var single = [Double](repeating: 0, count: count)
    for node in 0..<count {
      var sum = 0.0
      for i in 0..<rowCount { sum += logFactorial[Int(remaining[node * rowCount + i])] }
      completions[node] -= sum
      single[node] = -sum
    }
    // Where one column is left it takes all that remains; other stages are bounded afterwards.
    return Stage(
      remaining: remaining, least: single, most: single, completions: completions, numbers: numbers)
  }

  /// The ranges of all completions, from the last column back.
  private mutating func bound() {
    for number in columns.indices.dropLast().reversed() {
      let next = stages[number + 1]
      for node in 0..<stages[number].count {
        var (least, most) = (Double.infinity, -Double.infinity)
        forEachFilling(of: number, from: node) { target, value in
          least = min(least, value + next.least[target])
          most = max(most, value + next.most[target])
        }
        stages[number].least[node] = least
        stages[number].most[node] = most
      }
    }
  }

  /// Calls `body` with the node that is reached and Σ −log x! for each way to fill a column.
  func forEachFilling(of column: Int, from node: Int, _ body: (Int, Double) -> Void) {
    let numbers = stages[column + 1].numbers
    fill(column, node) { key, _, value in body(Int(numbers[key]!), value) }
  }

  /// Calls `body` with the key of what remains, what remains (ascending) and Σ −log x! for each way to fill a column.
  private func fill(_ column: Int, _ node: Int, _ body: (Int, [Int32], Double) -> Void) {
    let before = Array(stages[column].remaining[(node * rowCount)..<((node + 1) * rowCount)])
    // capacity[i]: what rows i, i + 1, … can still hold.
    var capacity = [Int](repeating: 0, count: rowCount + 1)
    for i in before.indices.reversed() { capacity[i] = capacity[i + 1] + Int(before[i]) }
    var remaining = before
    var sorted = before
    func next(_ i: Int, _ left: Int, _ value: Double) {
      if i == rowCount {
        // Rows are alike: nodes that differ in their order only are one.
        var key = 0
        for a in 0..<rowCount {
          let x = remaining[a]
          var b = a
          while b > 0, sorted[b - 1] > x {
            sorted[b] = sorted[b - 1]
            b -= 1
          }
          sorted[b] = x
        }
        for a in 0..<rowCount { key += radix[a] * Int(sorted[a]) }
        body(key, sorted, value)
        return
      }
      let least = max(0, left - capacity[i + 1])
      let most = min(Int(before[i]), left)
      guard least <= most else { return }
      for x in least...most {
        remaining[i] = before[i] - Int32(x)
        next(i + 1, left - x, value - logFactorial[x])
      }
    }
    next(0, columns[column], 0)
  }
}
