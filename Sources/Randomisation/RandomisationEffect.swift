/// The difference of an outcome's means between an arm and the control, with draws of the trial's own design.
public struct RandomisationEffect: Sendable, Equatable {
  public let outcome: String
  /// `IPS - control`.
  public let contrast: String
  /// The index of the arm that is compared with the control.
  public let arm: Int
  /// Nil where an arm has no known outcome, or the design cannot have given these allocations.
  public let test: RandomisationTest?
}

extension RandomisationAudit {
  /// Tests the effect of each arm on an outcome.
  ///
  /// The draws depend on the seed, the outcome's name and the arms compared, on nothing else.
  ///
  /// - Parameters:
  ///   - outcome: one value a row of the records (0 and 1 for a difference of risks), NaN where missing.
  ///   - prepared: the design, from `prepared(_:)`.
  /// - Returns: one effect an arm beside the control, in the order of the arms.
  public func effects(on outcome: [Double], named name: String, _ prepared: Prepared) -> [RandomisationEffect]
  {
    let arms = prepared.sequence.arms
    let values = prepared.rows.map { outcome[$0] }
    return arms.others.map { arm in
      let contrast = "\(arms.codes[arm]) - \(arms.codes[arms.control])"
      let test = RandomisationTest(
        values, prepared.sequence, prepared.rerandomiser, first: arm, second: arms.control, level: level,
        draws: draws, seed: seed, purpose: "randomisation-test/\(name)/\(contrast)", threads: threads)
      return RandomisationEffect(outcome: name, contrast: contrast, arm: arm, test: test)
    }
  }
}
