import Inference
import LinearAlgebra

/// The Cox proportional hazards model, h_i(t) = h_0s(t) exp(x_i'β + offset_i) in stratum s.
///
/// Right-censored and start–stop data, strata, case weights, offsets; Efron's, Breslow's or the exact treatment of tied
/// events; Newton's method with step halving. Cox (1972), doi:10.1111/j.2517-6161.1972.tb00899.x. R `survival::coxph`,
/// SAS `PROC PHREG` (whose default for ties is Breslow's).
public struct CoxModel: Sendable {
  /// How the covariance of the coefficients is estimated.
  public enum Variance: Sendable, Equatable {
    /// The inverse information.
    case modelBased
    /// The sandwich with each row on its own (Lin & Wei 1989, doi:10.1080/01621459.1989.10478874).
    case robust
    /// The sandwich with the rows of one cluster added up first: a code in 0 ..< `count` for each row.
    case clustered(codes: [Int32], count: Int)
  }

  /// What is added to the log-likelihood.
  public enum Penalty: String, Sendable, CaseIterable {
    /// Nothing.
    case none
    /// Jeffreys' ½ log |I| (Firth), which keeps every estimate finite. R `coxphf`, SAS `PROC PHREG` `FIRTH`.
    case firth
  }

  /// The treatment of tied events.
  public var ties = CoxTies.efron
  /// The penalty; its log-likelihoods are penalised ones.
  public var penalty = Penalty.none
  /// The covariance that standard errors, limits and the Wald test use.
  public var variance = Variance.modelBased
  /// The iteration stops when the gain in log-likelihood that Newton's quadratic promises for a step falls below half of
  /// this; that step is still taken. 1e-12 leaves the estimates within 1e-6 of a standard error before that step and
  /// some 1e-12 after it.
  public var tolerance = 1e-12
  /// The largest number of Newton steps; 0 evaluates at the starting values.
  public var maximumIterations = 50
  /// The share of a column's information that must remain, given the columns before it, for its coefficient to be
  /// estimable.
  public var aliasTolerance = 1e-11
  /// Where the iteration starts, on the scale of the covariates; nil for 0.
  public var start: [Double]?

  public init(ties: CoxTies = .efron, variance: Variance = .modelBased) {
    self.ties = ties
    self.variance = variance
  }

  /// Fits the model.
  ///
  /// - Parameters:
  ///   - data: the event times; an event of any cause counts.
  ///   - design: the covariates, n × p, without an intercept; finite.
  ///   - stratum: a code in 0 ..< `stratumCount` for each row, or nil.
  ///   - weights: case weights, at least 0, or nil; rows of weight 0 are left out of all sums.
  ///   - offset: a known part of the linear predictor, or nil.
  /// - Returns: the fit; with `status` `.separated` where the likelihood rises without end in some coefficient.
  /// - Throws: `SurvivalError.noEvents`, `.notFinite`, `.negativeWeight`, `.unsupported`, `.undefinedAtStart`.
  /// - Complexity: O(n p²) a step (Efron, Breslow).
  public func fit(
    _ data: SurvivalData, design: Matrix, stratum: [Int32]? = nil, stratumCount: Int = 1,
    weights: [Double]? = nil, offset: [Double]? = nil
  ) throws(SurvivalError) -> CoxFit {
    try check(data, design, weights, offset)
    let all = CoxRiskSets(
      data, design: design, stratum: stratum, stratumCount: stratumCount, weights: weights,
      offset: offset)
    guard all.eventTimeCount > 0 else { throw .noEvents(cause: nil) }
    let (estimable, known) = estimableColumns(all)
    let sets = all.selecting(columns: estimable)
    let begin = estimable.enumerated().map { (start?[$1] ?? 0) * sets.scale[$0] }
    // The kernel that told which columns are estimable serves again where nothing is added to it.
    let own = penalty == .none ? known : nil
    let evaluate = own?.kernel.evaluate ?? Self.likelihood(sets, ties, penalty)
    let zero = own?.atZero ?? evaluate([Double](repeating: 0, count: begin.count))
    let atStart = start == nil ? zero : evaluate(begin)
    guard atStart.isFinite, zero.isFinite else { throw .undefinedAtStart("the partial likelihood") }
    var outcome = NewtonAscent(
      tolerance: tolerance, maximumIterations: maximumIterations, evaluate: evaluate
    ).maximise(from: begin, at: atStart)
    if penalty == .firth {
      outcome.derivatives.information = CoxFirthLikelihood(sets, ties: ties).information(at: outcome.b)
    }
    return try CoxFit(
      data: data, design: design, stratum: stratum, weights: weights, offset: offset, sets: sets,
      estimable: estimable, model: self, null: zero, outcome: outcome)
  }

  /// The likelihood of these ties, with its penalty, as a function of the scaled coefficients.
  static func likelihood(
    _ sets: CoxRiskSets, _ ties: CoxTies, _ penalty: Penalty = .none
  ) -> ([Double]) -> LikelihoodDerivatives {
    if penalty == .firth {
      let kernel = CoxFirthLikelihood(sets, ties: ties)
      return { kernel.evaluate(at: $0) }
    }
    switch ties {
    case .exact:
      let kernel = CoxExactLikelihood(sets)
      return { kernel.evaluate(at: $0) }
    case .efron, .breslow:
      let kernel = CoxPartialLikelihood(sets, ties: ties)
      return { kernel.evaluate(at: $0) }
    }
  }

  private func check(
    _ data: SurvivalData, _ design: Matrix, _ weights: [Double]?, _ offset: [Double]?
  ) throws(SurvivalError) {
    precondition(design.rows == data.count, "\(design.rows) design rows for \(data.count) times")
    precondition(start == nil || start!.count == design.columns, "a start for every column")
    try checkWeights(weights, count: data.count)
    if !design.isFinite {
      let bad = (0..<design.rows).filter { i in
        (0..<design.columns).contains { !design[i, $0].isFinite }
      }
      throw .notFinite(what: "covariate", rows: bad)
    }
    if let offset {
      let bad = offset.indices.filter { !offset[$0].isFinite }
      if !bad.isEmpty { throw .notFinite(what: "offset", rows: bad) }
    }
    if ties == .exact {
      if penalty == .firth {
        throw .unsupported("Firth's penalty has no method for the exact conditional likelihood of ties")
      }
      if let weights, weights.contains(where: { $0 != 1 }) {
        throw .unsupported("case weights have no meaning in the exact conditional likelihood of ties")
      }
      guard case .modelBased = variance else {
        throw .unsupported("the exact conditional likelihood of ties has no robust variance")
      }
    }
  }

  /// The columns whose coefficients the data can tell apart, the first of a collinear set kept, as in `coxph`.
  ///
  /// Decided on the information at β = 0 (Breslow's where ties are exact): Gaussian elimination in the order of the
  /// columns, a pivot below `aliasTolerance` times the column's own information being rounding error.
  ///
  /// - Returns: the columns and, where they are all and the kernel is the model's own, that kernel with its derivatives at
  ///   β = 0, so that the first iteration need not compute them again.
  func estimableColumns(
    _ sets: CoxRiskSets
  ) -> (columns: [Int], known: (kernel: CoxPartialLikelihood, atZero: LikelihoodDerivatives)?) {
    let varying = sets.scale.indices.filter { sets.scale[$0] > 0 }
    let chosen = sets.selecting(columns: varying)
    let kernel = CoxPartialLikelihood(chosen, ties: ties == .exact ? .breslow : ties)
    let atZero = kernel.evaluate(at: [Double](repeating: 0, count: varying.count))
    let information = atZero.information
    var kept: [Int] = []
    // Rows of the factor L of the kept columns; a rejected column leaves no trace.
    var factor: [[Double]] = []
    for j in varying.indices {
      var row: [Double] = []
      var pivot = information[j, j]
      for (a, k) in kept.enumerated() {
        var sum = information[j, k]
        for b in 0..<a { sum -= row[b] * factor[a][b] }
        row.append(sum / factor[a][a])
        pivot -= row[a] * row[a]
      }
      guard pivot > aliasTolerance * information[j, j], pivot > 1e-13 * sets.eventWeightTotal else {
        continue
      }
      row.append(pivot.squareRoot())
      kept.append(j)
      factor.append(row)
    }
    let isOwn = kept.count == varying.count && ties != .exact
    return (kept.map { varying[$0] }, isOwn ? (kernel, atZero) : nil)
  }
}

extension CoxRiskSets {
  /// The sum of the weights of all events.
  var eventWeightTotal: Double { eventWeight.reduce(0, +) }
}
