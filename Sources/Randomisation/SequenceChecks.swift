import Inference
import Probability

/// The checks of the sequence of allocations as a whole.
struct SequenceChecks {
  let sequence: AllocationSequence
  /// The line of the file of each position.
  let lines: [Int]
  let levels: CheckLevels
  let drawn: Rerandomisation
  let design: AllocationDesign

  private var arms: TrialArms { sequence.arms }

  private func text(_ p: Double) -> String { p < 0.0001 ? "p < 0.0001" : "p = \(rounded(p, 4))" }

  private func numbers(_ counts: [Int]) -> String {
    zip(arms.codes, counts).map { "\($0) \($1)" }.joined(separator: ", ")
  }

  // MARK: Numbers

  func ratio() -> RandomisationCheck {
    guard sequence.count > 0 else { return .notApplicable(.allocationRatio, "nobody was randomised") }
    let counts = sequence.counts
    let test = AllocationRatio.test(counts, shares: arms.shares)
    return .init(
      .allocationRatio, levels.status(test.pValue), statistic: AllocationRatio.pearson(counts, arms.shares),
      df: Double(arms.count - 1), pValue: test.pValue,
      "\(numbers(counts)) for \(arms.ratioText) (\(test.method)), \(text(test.pValue))")
  }

  func byStratum() -> RandomisationCheck {
    guard sequence.strata.count > 1 else { return .notApplicable(.allocationByStratum, "no strata") }
    let counts = sequence.members.map { sequence.counts(of: $0) }
    let p = counts.map { AllocationRatio.test($0, shares: arms.shares).pValue }
    let adjusted = MultiplicityAdjustment.holm.adjusted(p, statistics: [], references: [], means: 0)
    let smallest = adjusted.indices.min { (adjusted[$0], $0) < (adjusted[$1], $1) }!
    let astray = adjusted.indices.filter { adjusted[$0] <= levels.warning }
    var message = "\(sequence.strata.count) strata, smallest adjusted \(text(adjusted[smallest]))"
    if !astray.isEmpty {
      message +=
        ": " + astray.map { "\(sequence.strata[$0]) has \(numbers(counts[$0]))" }.joined(separator: "; ")
    }
    return .init(
      .allocationByStratum, levels.status(adjusted[smallest]),
      statistic: AllocationRatio.pearson(counts[smallest], arms.shares), df: Double(arms.count - 1),
      pValue: adjusted[smallest], rows: astray.flatMap { sequence.members[$0].map { lines[$0] } }.sorted(),
      message)
  }

  // MARK: Order

  func overTime() -> RandomisationCheck {
    guard sequence.count > 1 else { return .notApplicable(.allocationOverTime, "too few participants") }
    let statistic = drawn.imbalance
    let reached = sequence.arm.withUnsafeBufferPointer {
      SequenceStatistics(sequence).largestImbalance($0)
    }
    let status = levels.status(statistic.upper)
    return .init(
      .allocationOverTime, status, statistic: statistic.observed, pValue: statistic.upper,
      rows: status == .pass ? [] : [lines[reached.position]],
      "at most \(rounded(statistic.observed, 2)) from the planned share, at participant \(reached.position + 1); "
        + "\(rounded(statistic.expected, 2)) expected under the \(design.rawValue) design, \(text(statistic.upper))"
    )
  }

  func runs() -> RandomisationCheck {
    guard sequence.count > 1 else { return .notApplicable(.runs, "too few participants") }
    let statistic = drawn.runs
    let p = statistic.twoSided
    let status = levels.status(p)
    let longest = SequenceStatistics(sequence).longestRun(sequence.arm)
    // Too few runs point at the longest; of too many no row is to blame.
    let rows = status != .pass && statistic.observed < statistic.expected ? longest.map { lines[$0] } : []
    return .init(
      .runs, status, statistic: statistic.observed, pValue: p, rows: rows.sorted(),
      "\(Int(statistic.observed)) runs, the longest of \(longest.count); \(rounded(statistic.expected, 1)) expected under "
        + "the \(design.rawValue) design, \(text(p))")
  }

  func predictability() -> RandomisationCheck {
    guard sequence.count > 1 else { return .notApplicable(.predictability, "too few participants") }
    let statistic = drawn.guesses
    return .init(
      .predictability, levels.status(statistic.upper), statistic: statistic.observed, pValue: statistic.upper,
      "\(rounded(100 * statistic.observed, 1)) % guessed by the convergence strategy; "
        + "\(rounded(100 * statistic.expected, 1)) % expected under the \(design.rawValue) design, \(text(statistic.upper))"
    )
  }

  // MARK: Blocks

  func blocks(_ structure: BlockStructure, sizes: [Int], isDeclared: Bool) -> RandomisationCheck {
    let violations = structure.violations
    let complete = structure.strata.reduce(0) { $0 + $1.complete }
    let design =
      "blocks of " + sizes.map(String.init).joined(separator: " and ") + (isDeclared ? "" : " (inferred)")
    if violations.isEmpty {
      return .init(
        .blockStructure, .pass, statistic: 0, "every allocation fits \(design); \(complete) complete")
    }
    let rows = Set(violations.flatMap { [$0.position] + $0.alternatives + $0.partners }).map { lines[$0] }
      .sorted()
    return .init(
      .blockStructure, isDeclared ? .fail : .warn, statistic: Double(violations.count), rows: rows,
      "\(counted(violations.count, "edit")) would make the list fit \(design): "
        + violations.prefix(5).map { "line \(lines[$0.position]) \(description($0.edit, structure))" }.joined(
          separator: "; ")
        + (violations.count > 5 ? "; and \(violations.count - 5) more" : ""))
  }

  /// An edit in words.
  func description(_ edit: BlockStructure.Violation.Edit, _ structure: BlockStructure) -> String {
    edit.description(arms: arms.codes, lines: lines, strata: structure.strata.map(\.name))
  }

  // MARK: Baseline

  func selectionBias(hasBaseline: Bool) -> RandomisationCheck {
    guard hasBaseline else { return .notApplicable(.selectionBias, "no baseline variables") }
    guard let statistic = drawn.foresight else {
      return .notApplicable(.selectionBias, "the design lets nothing be foreseen, or nothing varies")
    }
    return .init(
      .selectionBias, levels.status(statistic.upper), statistic: statistic.observed, pValue: statistic.upper,
      "baseline variables against the chance of each arm foreseen from earlier allocations (Berger-Exner), "
        + text(statistic.upper))
  }

  func balance(_ omnibus: OmnibusBalance?, hasBaseline: Bool) -> RandomisationCheck {
    guard hasBaseline else { return .notApplicable(.balanceOmnibus, "no baseline variables") }
    guard let omnibus, let statistic = drawn.balance else {
      return .notApplicable(.balanceOmnibus, "nothing varies between the arms in any stratum")
    }
    return .init(
      .balanceOmnibus, levels.status(statistic.upper), statistic: omnibus.statistic, df: Double(omnibus.df),
      pValue: statistic.upper,
      "d-squared \(rounded(omnibus.statistic, 2)) on \(omnibus.df) df (chi-squared \(text(omnibus.pValue))); "
        + "\(text(statistic.upper)) over \(drawn.draws) draws of the \(design.rawValue) design")
  }
}

extension BlockStructure.Violation {
  /// Other rows that the edit names.
  var partners: [Int] { if case .exchange(let other) = edit { [other] } else { [] } }
}

extension BlockStructure.Violation.Edit {
  /// The edit in words: "should be control".
  public func description(arms: [String], lines: [Int], strata: [String]) -> String {
    switch self {
    case .change(let from, let to): "is \(arms[from]), should be \(arms[to])"
    case .remove(let arm): "is \(arms[arm]) beyond the block's share"
    case .insert(let arm): "lacks an allocation to \(arms[arm]) after it"
    case .exchange(let other): "changed places with line \(lines[other])"
    case .otherStratum(let stratum): "was drawn from the list of \(strata[stratum])"
    }
  }
}

/// A number with at most so many decimals, for messages.
func rounded(_ value: Double, _ decimals: Int) -> String {
  var scale = 1.0
  for _ in 0..<decimals { scale *= 10 }
  let text = ((value * scale).rounded() / scale).description
  return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
}
