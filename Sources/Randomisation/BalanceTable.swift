import ModelFormula

/// One line of the comparison of the arms at baseline.
public struct BalanceRow: Sendable, Equatable {
  /// An arm's summary.
  public enum Summary: Sendable, Equatable {
    /// Mean and standard deviation of a numeric variable; nil for fewer values than they need.
    case moments(n: Int, mean: Double?, sd: Double?)
    /// How many of those known have the level.
    case level(n: Int, count: Int)

    /// How many have a value.
    var n: Int {
      switch self {
      case .moments(let n, _, _), .level(let n, _): n
      }
    }
  }

  public let variable: String
  /// The level of a categorical variable; nil for numeric variables and for all levels together.
  public let level: String?
  /// By arm, in order.
  public let summaries: [Summary]
  /// The standardised difference of each arm beside the control from the control, in the arms' order; nil where it has no
  /// value.
  public let differences: [Double?]
}

/// Baseline variables by arm with standardised differences, and no tests.
enum BalanceTable {
  /// What the differences are divided by, in words.
  static let formula = """
    numeric: (mean1 - mean0) / sqrt((s1^2 + s0^2) / 2); level: (p1 - p0) / sqrt((p1(1 - p1) + p0(1 - p0)) / 2); \
    several levels together: sqrt(d' S^-1 d), S the averaged multinomial covariance (Yang-Dalton)
    """

  static func rows(
    _ variables: [AllocationRecords.Variable], rows: [Int], sequence: AllocationSequence
  ) -> [BalanceRow] {
    let members = sequence.arms.codes.indices.map { arm in
      rows.indices.filter { Int(sequence.arm[$0]) == arm }.map { rows[$0] }
    }
    return variables.flatMap { variable -> [BalanceRow] in
      switch variable.column {
      case .numeric(let values):
        isBinary(values)
          ? binary(variable, values, members, sequence.arms)
          : [numeric(variable, values, members, sequence.arms)]
      case .categorical(let codes, let levels):
        categorical(variable.name, codes, levels, members, sequence.arms)
      case .date(let days):
        [
          numeric(
            variable, days.map { $0 == Column.missingDay ? .nan : Double($0) }, members, sequence.arms)
        ]
      case .text: []
      }
    }
  }

  /// True where 0 and 1 are the values, and both occur: the share of ones is then what is compared.
  private static func isBinary(_ values: [Double]) -> Bool {
    values.contains(0) && values.contains(1) && values.allSatisfy { $0.isNaN || $0 == 0 || $0 == 1 }
  }

  private static func binary(
    _ variable: AllocationRecords.Variable, _ values: [Double], _ members: [[Int]], _ arms: TrialArms
  ) -> [BalanceRow] {
    let codes = values.map { $0.isNaN ? Column.missingCode : Int32($0) }
    return categorical(variable.name, codes, ["0", "1"], members, arms)
  }

  private static func numeric(
    _ variable: AllocationRecords.Variable, _ values: [Double], _ members: [[Int]], _ arms: TrialArms
  ) -> BalanceRow {
    let known = members.map { rows in rows.map { values[$0] }.filter { !$0.isNaN } }
    let summaries = known.map { values -> BalanceRow.Summary in
      let spread = SampleSpread(values)
      return .moments(
        n: values.count, mean: spread?.mean ?? values.first, sd: spread.map { $0.variance.squareRoot() })
    }
    return BalanceRow(
      variable: variable.name, level: nil, summaries: summaries,
      differences: arms.others.map { StandardisedDifference.numeric(known[$0], known[arms.control]) })
  }

  /// A variable of two levels has one row, of its second level; one of several a row of all together and one a level.
  private static func categorical(
    _ name: String, _ codes: [Int32], _ levels: [String], _ members: [[Int]], _ arms: TrialArms
  ) -> [BalanceRow] {
    let counts = members.map { rows in
      var counts = [Int](repeating: 0, count: levels.count)
      for row in rows where codes[row] >= 0 { counts[Int(codes[row])] += 1 }
      return counts
    }
    let known = counts.map { $0.reduce(0, +) }
    func row(_ level: Int) -> BalanceRow {
      BalanceRow(
        variable: name, level: levels[level],
        summaries: arms.codes.indices.map { .level(n: known[$0], count: counts[$0][level]) },
        differences: arms.others.map { arm in
          guard known[arm] > 0, known[arms.control] > 0 else { return nil }
          return StandardisedDifference.binary(
            Double(counts[arm][level]) / Double(known[arm]),
            Double(counts[arms.control][level]) / Double(known[arms.control]))
        })
    }
    if levels.count == 2 { return [row(1)] }
    let together = BalanceRow(
      variable: name, level: nil,
      summaries: arms.codes.indices.map { .level(n: known[$0], count: known[$0]) },
      differences: arms.others.map { StandardisedDifference.categorical(counts[$0], counts[arms.control]) })
    return [together] + levels.indices.map(row)
  }
}
