import CNLopt

/// Bound-constrained minimisation without derivatives, by quadratic models (NLopt's BOBYQA).
///
/// Powell, The BOBYQA algorithm for bound constrained optimization without derivatives, DAMTP 2009/NA06. It is the
/// optimiser of lme4 and MixedModels.jl for the relative covariance parameters of a mixed model.
public struct BOBYQA: Sendable {
  /// Lower bounds; −∞ for none.
  public var lower: [Double]
  /// Upper bounds; +∞ for none.
  public var upper: [Double]
  /// The first trust-region steps; nil lets NLopt choose from the start and the bounds.
  public var initialStep: [Double]?
  /// Stop when a step changes the objective by less than this share of it.
  public var relativeObjectiveTolerance = 1e-12
  /// Stop when a step changes the objective by less than this.
  public var absoluteObjectiveTolerance = 1e-10
  /// Stop when every parameter changes by less than this share of it.
  public var relativeParameterTolerance = 0.0
  /// Stop when every parameter changes by less than this.
  public var absoluteParameterTolerance = 1e-8
  /// The limit of evaluations.
  public var maximumEvaluations = 10_000

  /// Makes a minimiser for a number of parameters between bounds.
  public init(lower: [Double], upper: [Double]) {
    precondition(lower.count == upper.count, "\(lower.count) lower and \(upper.count) upper bounds")
    self.lower = lower
    self.upper = upper
  }

  private final class Context {
    let objective: ([Double]) -> Double
    var evaluations = 0
    var best = Double.infinity
    var bestPoint: [Double]
    var worst = -Double.infinity

    init(objective: @escaping ([Double]) -> Double, start: [Double]) {
      self.objective = objective
      bestPoint = start
    }
  }

  /// Minimises an objective.
  ///
  /// A value that is not finite stands for a point where the objective does not exist; the search is told the worst
  /// value seen so far there (a quadratic model through infinity would be useless) and turns away.
  public func minimise(
    from start: [Double], _ objective: ([Double]) -> Double
  ) -> OptimisationRecord {
    let n = start.count
    precondition(n == lower.count && n > 0, "\(n) parameters, \(lower.count) bounds")
    precondition(
      initialStep.map { $0.count == n } ?? true, "\(n) parameters, \(initialStep?.count ?? 0) steps")
    return withoutActuallyEscaping(objective) { objective in
      let context = Context(objective: objective, start: start)
      let algorithm = nlopt_create(NLOPT_LN_BOBYQA, UInt32(n))
      defer { nlopt_destroy(algorithm) }
      nlopt_set_lower_bounds(algorithm, lower)
      nlopt_set_upper_bounds(algorithm, upper)
      nlopt_set_ftol_rel(algorithm, relativeObjectiveTolerance)
      nlopt_set_ftol_abs(algorithm, absoluteObjectiveTolerance)
      nlopt_set_xtol_rel(algorithm, relativeParameterTolerance)
      nlopt_set_xtol_abs1(algorithm, absoluteParameterTolerance)
      nlopt_set_maxeval(algorithm, Int32(maximumEvaluations))
      if let initialStep { nlopt_set_initial_step(algorithm, initialStep) }
      let pointer = Unmanaged.passUnretained(context).toOpaque()
      nlopt_set_min_objective(
        algorithm,
        { count, x, _, data in
          let context = Unmanaged<Context>.fromOpaque(data!).takeUnretainedValue()
          let point = Array(UnsafeBufferPointer(start: x, count: Int(count)))
          context.evaluations += 1
          let value = context.objective(point)
          guard value.isFinite else {
            return context.worst.isFinite ? context.worst : Double.greatestFiniteMagnitude / 1e10
          }
          context.worst = max(context.worst, value)
          if value < context.best {
            context.best = value
            context.bestPoint = point
          }
          return value
        }, pointer)
      var x = zip(start, zip(lower, upper)).map { min(max($0, $1.0), $1.1) }
      var value = 0.0
      let code = withExtendedLifetime(context) { nlopt_optimize(algorithm, &x, &value) }
      let stop: OptimisationRecord.Stop =
        switch code {
        case NLOPT_FTOL_REACHED, NLOPT_SUCCESS, NLOPT_STOPVAL_REACHED: .objectiveTolerance
        case NLOPT_XTOL_REACHED: .parameterTolerance
        case NLOPT_ROUNDOFF_LIMITED: .roundoff
        case NLOPT_MAXEVAL_REACHED, NLOPT_MAXTIME_REACHED: .limitReached
        default: .failed
        }
      return OptimisationRecord(
        method: "BOBYQA (NLopt)", start: start, solution: context.bestPoint,
        objective: context.best, evaluations: context.evaluations,
        stop: context.best.isFinite ? stop : .failed)
    }
  }
}
