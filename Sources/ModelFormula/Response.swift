import LinearAlgebra

/// The left side of a formula, evaluated on the rows used.
public enum Response: Sendable {
  /// The formula has no left side.
  case none
  /// Numbers.
  case numeric([Double])
  /// Categories; logical values are `FALSE` and `TRUE`.
  case categorical(codes: [Int32], levels: [String])
  /// `cbind(successes, failures)`.
  case counts(successes: [Double], failures: [Double])
  /// `Surv(…)`.
  case survival(SurvivalResponse)

  /// The words for an error message.
  var kindName: String {
    switch self {
    case .none: "absent"
    case .numeric: "numeric"
    case .categorical(_, let levels): "categorical with \(levels.count) level\(levels.count == 1 ? "" : "s")"
    case .counts: "a pair of counts"
    case .survival: "a survival time"
    }
  }
}

/// A survival time with its status (R `Surv`).
public struct SurvivalResponse: Sendable, Equatable {
  /// For start–stop data, the time from which each row is at risk (not included).
  public let start: [Double]?
  /// The time of the event or of censoring.
  public let stop: [Double]
  /// The status: 0 censored, 1 event; or 1, 2, … for competing causes.
  public let status: [Int32]
  /// The texts of status 0, 1, 2, … where the status is categorical.
  public let statusLevels: [String]?

  /// True where no status is above 1.
  public let hasSingleCause: Bool

  /// Makes a response.
  ///
  /// - Parameter hasSingleCause: whether no status is above 1, where that is known; nil looks.
  init(
    start: [Double]?, stop: [Double], status: [Int32], statusLevels: [String]?, hasSingleCause: Bool?
  ) {
    self.start = start
    self.stop = stop
    self.status = status
    self.statusLevels = statusLevels
    self.hasSingleCause =
      hasSingleCause
      ?? !anyBlock(rows: status.count) { rows in
        status.withUnsafeBufferPointer { status in
          var several = 0
          for i in rows { several |= status[i] > 1 ? 1 : 0 }
          return several != 0
        }
      }
  }
}

extension ModelFrame {
  private func wrongResponse(_ expected: String) -> FormulaError {
    let written = formula.response?.text ?? "the response"
    return FormulaError(
      .wrongKind, "`\(written)` is \(response.kindName), but the response must be \(expected)",
      source: formula.text, position: formula.response?.position ?? 0)
  }

  /// The response as numbers.
  ///
  /// - Throws: `FormulaError` of kind `wrongKind`.
  public func numericResponse() throws(FormulaError) -> [Double] {
    switch response {
    case .numeric(let values): return values
    case .categorical(let codes, ["FALSE", "TRUE"]): return codes.map(Double.init)
    default: throw wrongResponse("numeric")
    }
  }

  /// The response of a binomial model: the share of successes of each row and, for counts, the number of trials.
  ///
  /// Accepts numbers from 0 to 1, a categorical variable of two levels, of which the second is the success, and
  /// `cbind(successes, failures)`. A row without trials has the share 0.
  /// - Throws: `FormulaError` of kind `wrongKind`.
  public func binomialResponse() throws(FormulaError) -> (share: [Double], trials: [Double]?) {
    switch response {
    case .numeric(let values) where values.allSatisfy({ $0 >= 0 && $0 <= 1 }): return (values, nil)
    case .categorical(let codes, let levels) where levels.count == 2:
      return (codes.map(Double.init), nil)
    case .counts(let successes, let failures):
      let trials = zip(successes, failures).map { $0 + $1 }
      return (zip(successes, trials).map { $1 > 0 ? $0 / $1 : 0 }, trials)
    default:
      throw wrongResponse("between 0 and 1, categorical with two levels, or cbind(successes, failures)")
    }
  }

  /// The response as ordered categories.
  ///
  /// - Throws: `FormulaError` of kind `wrongKind`; a numeric response must first be made categorical.
  public func categoricalResponse() throws(FormulaError) -> (codes: [Int32], levels: [String]) {
    guard case .categorical(let codes, let levels) = response else {
      throw wrongResponse("categorical (a number becomes so by factor() or --factor)")
    }
    return (codes, levels)
  }

  /// The response as a survival time.
  ///
  /// - Parameter singleCause: whether codes above 1 are an error.
  /// - Throws: `FormulaError` of kind `wrongKind`.
  public func survivalResponse(singleCause: Bool = true) throws(FormulaError) -> SurvivalResponse {
    guard case .survival(let survival) = response else {
      throw wrongResponse("Surv(time, event) or Surv(start, stop, event)")
    }
    if singleCause, !survival.hasSingleCause {
      throw wrongResponse("Surv() with a status of 0 and 1 (or 1 and 2), not several causes")
    }
    return survival
  }
}
