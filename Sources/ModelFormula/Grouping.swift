import LinearAlgebra

/// A division of rows into groups by one variable or by the combinations of several.
///
/// It serves strata, clusters, subjects, visits and the groups of random effects. Groups without rows do not exist.
public struct Grouping: Sendable, Equatable {
  /// The expressions that make the groups, as R writes them.
  public let variables: [String]
  /// The group of each row, from 0; −1 where a variable is missing (never in a model frame).
  public let codes: [Int32]
  /// For each group, the value of each variable.
  public var values: [[String]] {
    switch names {
    case .single(let levels): levels.map { [$0] }
    case .crossed(let values): values
    }
  }
  private let names: Names
  /// For each variable, whether labels write its name before its value; the categories of `strata()` go without.
  let isNamed: [Bool]

  /// The name R gives: the variables joined by colons, `cask:batch`; of three nested factors `gen:(popu:reg)`, as lme4.
  public private(set) var name: String
  /// The name of each group: its values joined by colons, `a:B`.
  public var levels: [String] {
    switch names {
    case .single(let levels): levels
    case .crossed(let values): values.map { $0.joined(separator: ":") }
    }
  }
  /// The number of groups.
  public var count: Int {
    switch names {
    case .single(let levels): levels.count
    case .crossed(let values): values.count
    }
  }

  /// What tells the groups: a text each where one variable makes them, as that of thousands of persons, else a list of texts.
  private enum Names: Sendable, Equatable {
    case single([String])
    case crossed([[String]])

    init(_ values: [[String]], variables: Int) {
      self = variables == 1 ? .single(values.map { $0[0] }) : .crossed(values)
    }
  }

  /// The groups as R's `survfit` and `strata` write them without padding: `sex=1, ph.ecog=0`, and `adeno` where
  /// `strata()` has categories only.
  public var labels: [String] {
    values.map { row in
      row.indices.map { isNamed[$0] ? variables[$0] + "=" + row[$0] : row[$0] }.joined(separator: ", ")
    }
  }

  /// The rows of each group, ascending.
  public var rowsByGroup: [[Int]] {
    var rows = [[Int]](repeating: [], count: count)
    for (row, code) in codes.enumerated() where code >= 0 { rows[Int(code)].append(row) }
    return rows
  }

  /// Groups by one variable, in the order of its levels; levels without rows are dropped.
  init(variable: String, codes: [Int32], levels: [String], isNamed: Bool = true) {
    let (kept, recoding) = usedLevels(codes, count: levels.count)
    variables = [variable]
    name = variable
    self.codes =
      kept.count == levels.count
      ? codes : codes.map { $0 < 0 ? Column.missingCode : recoding[Int($0)] }
    names = .single(kept.count == levels.count ? levels : kept.map { levels[$0] })
    self.isNamed = [isNamed]
  }

  /// Makes a grouping from its parts.
  ///
  /// - Precondition: each code is −1 or a place in `values`, and each value has as many texts as there are variables.
  public init(variables: [String], codes: [Int32], values: [[String]]) {
    self.init(
      variables: variables, codes: codes, values: values,
      isNamed: [Bool](repeating: true, count: variables.count))
  }

  private init(variables: [String], codes: [Int32], values: [[String]], isNamed: [Bool]) {
    precondition(values.allSatisfy { $0.count == variables.count }, "values for \(variables)")
    self.variables = variables
    name = variables.joined(separator: ":")
    self.codes = codes
    names = Names(values, variables: variables.count)
    self.isNamed = isNamed
  }

  /// The same groups under another name.
  func named(_ name: String) -> Grouping {
    var result = self
    result.name = name
    return result
  }

  /// The combinations of several groupings that have rows; the last varies fastest, as in R's `a:b` and `strata(a, b)`.
  ///
  /// - Precondition: at least one grouping, all of as many rows.
  public static func crossing(_ groupings: [Grouping]) -> Grouping {
    var result = groupings[0]
    for next in groupings.dropFirst() {
      precondition(next.codes.count == result.codes.count, "groupings of different rows")
      let width = Int64(max(next.count, 1))
      var seen: Set<Int64> = []
      let keys = zip(result.codes, next.codes).map { a, b -> Int64 in
        a < 0 || b < 0 ? -1 : Int64(a) * width + Int64(b)
      }
      for key in keys where key >= 0 { seen.insert(key) }
      let order = seen.sorted()
      var place: [Int64: Int32] = [-1: Column.missingCode]
      for (i, key) in order.enumerated() { place[key] = Int32(i) }
      let (outer, inner) = (result.values, next.values)
      result = Grouping(
        variables: result.variables + next.variables, codes: keys.map { place[$0]! },
        values: order.map { key in outer[Int(key / width)] + inner[Int(key % width)] },
        isNamed: result.isNamed + next.isNamed)
    }
    return result
  }
}

/// The codes that occur, ascending, and for each code its place among them.
func usedLevels(_ codes: [Int32], count: Int) -> (kept: [Int], recoding: [Int32]) {
  // A block has marks of its own, so that with many levels there are few blocks.
  let used = sumsOverBlocks(rows: codes.count, block: max(1 << 17, count), width: count) { rows, used in
    codes.withUnsafeBufferPointer { codes in
      for i in rows where codes[i] >= 0 { used[Int(codes[i])] = 1 }
    }
  }.map { $0 > 0 }
  let kept = used.indices.filter { used[$0] }
  var recoding = [Int32](repeating: Column.missingCode, count: count)
  for (new, old) in kept.enumerated() { recoding[old] = Int32(new) }
  return (kept, recoding)
}
