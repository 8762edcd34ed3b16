/// What an optimiser did: kept in the fit, so that convergence is a value and not a log line.
public struct OptimisationRecord: Sendable, Equatable {
  /// Why an optimiser stopped.
  public enum Stop: String, Sendable {
    /// The objective no longer changed beyond its tolerance.
    case objectiveTolerance
    /// The parameters no longer changed beyond their tolerance.
    case parameterTolerance
    /// The gradient fell below its tolerance.
    case gradientTolerance
    /// The limit of evaluations or iterations was reached.
    case limitReached
    /// Rounding error allowed no further progress.
    case roundoff
    /// No step that lowers the objective could be found.
    case noDescent
    /// The objective could not be evaluated.
    case failed
  }

  /// The optimiser's name.
  public let method: String
  /// The parameters it started from.
  public let start: [Double]
  /// The best parameters found.
  public let solution: [Double]
  /// The objective there.
  public let objective: Double
  /// The number of evaluations of the objective.
  public let evaluations: Int
  /// Why it stopped.
  public let stop: Stop

  public init(
    method: String, start: [Double], solution: [Double], objective: Double, evaluations: Int,
    stop: Stop
  ) {
    self.method = method
    self.start = start
    self.solution = solution
    self.objective = objective
    self.evaluations = evaluations
    self.stop = stop
  }

  /// True where a tolerance, and not a limit or a failure, ended the search.
  public var isConverged: Bool {
    switch stop {
    case .objectiveTolerance, .parameterTolerance, .gradientTolerance, .roundoff: true
    case .limitReached, .noDescent, .failed: false
    }
  }
}
