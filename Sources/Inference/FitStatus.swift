/// The verdict on a fit that travels with every number taken from it.
///
/// The raw values are the words of the command line's `status` field.
public enum FitStatus: String, Sendable, Equatable {
  /// The optimum was found in the interior of the parameter space.
  case ok
  /// A parameter other than a variance lies at its limit.
  case boundary
  /// A variance of a mixed model is zero, or a correlation ±1.
  case singular
  /// An outcome is predicted perfectly by some combination of covariates, so that a coefficient is infinite.
  case separated
  /// The iteration ended without meeting its criterion.
  case notConverged

  /// True where estimate, standard error and limits may be read as usual.
  public var isUsable: Bool { self == .ok || self == .boundary || self == .singular }
}

/// How an iterative fit ended.
public struct Convergence: Sendable, Equatable {
  /// True where the criterion was met.
  public let isConverged: Bool
  /// The number of iterations (Newton or scoring steps) or evaluations, as the method counts them.
  public let iterations: Int
  /// What was asked of the last step, in words, such as "relative change of the deviance below 1e-8".
  public let criterion: String

  public init(isConverged: Bool, iterations: Int, criterion: String) {
    self.isConverged = isConverged
    self.iterations = iterations
    self.criterion = criterion
  }

  /// The answer of a closed formula.
  public static let closedForm = Convergence(
    isConverged: true, iterations: 0, criterion: "closed form")
}
