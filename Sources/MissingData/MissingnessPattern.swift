import HypothesisTests

/// Which variables (or visits) are missing together, and in how many participants of each arm.
public struct MissingnessPattern: Sendable, Equatable {
  /// For each variable, true where it is observed.
  public let observed: [Bool]
  /// The number of participants with the pattern in each arm.
  public let counts: [Int]

  /// The number of participants with the pattern.
  public var total: Int { counts.reduce(0, +) }
  /// The number of variables missing.
  public var missingCount: Int { observed.count { !$0 } }
  /// True where nothing follows the first missing variable (drop-out).
  public var isMonotone: Bool {
    guard let first = observed.firstIndex(of: false) else { return true }
    return !observed[first...].contains(true)
  }
}

/// The missing values of several variables, by arm.
///
/// A share is the number missing over the participants of the arm, the difference between two arms comes with Newcombe's
/// limits: what CONSORT 2025 asks of losses, and the first look at whether missingness depends on treatment.
public struct Missingness: Sendable, Equatable {
  /// One variable's missing values by arm.
  public struct Share: Sendable, Equatable {
    /// The variable.
    public let variable: String
    /// The number missing in each arm.
    public let missing: [Int]
    /// The participants in each arm.
    public let totals: [Int]

    /// The share missing in an arm; nil for an empty arm.
    public func share(inArm arm: Int) -> Double? {
      totals[arm] > 0 ? Double(missing[arm]) / Double(totals[arm]) : nil
    }

    /// The difference of the shares of two arms with Newcombe's limits.
    ///
    /// - Throws: `HypothesisTestError` for an empty arm or a level outside (0, 1).
    public func difference(_ first: Int, _ second: Int, level: Double = 0.95) throws(HypothesisTestError)
      -> IntervalEstimate
    {
      try TwoProportions(
        events: missing[first], of: totals[first], against: missing[second], of: totals[second]
      ).riskDifference(.newcombe, level: level)
    }
  }

  /// The variables, in the order given.
  public let variables: [String]
  /// The arms' names.
  public let arms: [String]
  /// The patterns, most frequent first; ties with fewer missing variables first, then by the variables observed.
  public let patterns: [MissingnessPattern]
  /// One share a variable.
  public let shares: [Share]

  /// Tabulates missing values.
  ///
  /// - Parameters:
  ///   - variables: the names; visits in order of time.
  ///   - observed: for each variable, whether each participant's value is known.
  ///   - arms: the arms' names.
  ///   - arm: for each participant, the arm as an index into the names.
  /// - Precondition: one value a participant in every variable, and arms that exist.
  public init(variables: [String], observed: [[Bool]], arms: [String], arm: [Int]) {
    precondition(
      variables.count == observed.count && observed.allSatisfy { $0.count == arm.count },
      "\(observed.count) columns for \(variables.count) variables")
    precondition(arm.allSatisfy(arms.indices.contains), "an arm without a name")
    self.variables = variables
    self.arms = arms
    var counts: [[Bool]: [Int]] = [:]
    var totals = [Int](repeating: 0, count: arms.count)
    for (participant, a) in arm.enumerated() {
      let key = observed.map { $0[participant] }
      counts[key, default: [Int](repeating: 0, count: arms.count)][a] += 1
      totals[a] += 1
    }
    patterns = counts.map { MissingnessPattern(observed: $0.key, counts: $0.value) }.sorted { a, b in
      if a.total != b.total { return a.total > b.total }
      if a.missingCount != b.missingCount { return a.missingCount < b.missingCount }
      return a.observed.lexicographicallyPrecedes(b.observed) { $0 && !$1 }
    }
    shares = zip(variables, observed).map { name, known in
      var missing = [Int](repeating: 0, count: arms.count)
      for (participant, a) in arm.enumerated() where !known[participant] { missing[a] += 1 }
      return Share(variable: name, missing: missing, totals: totals)
    }
  }

  /// True where every pattern is a drop-out in the order of the variables.
  public var isMonotone: Bool { patterns.allSatisfy(\.isMonotone) }
}
