import Glibc
import Inference
import LinearAlgebra
import Optimisation

/// A linear model for repeated measurements with a structured covariance over visits: the MMRM of clinical trials.
public struct RepeatedMeasuresModel: Sendable {
  /// How the reference distribution of tests is chosen.
  public enum DegreesOfFreedom: String, Sendable {
    case satterthwaite
    /// Kenward–Roger with the second derivatives of the covariance (R mmrm's `Kenward-Roger`).
    case kenwardRoger = "kenward-roger"
    /// Kenward–Roger without them (SAS's; R mmrm's `Kenward-Roger-Linear`).
    case kenwardRogerLinear = "kenward-roger-linear"
    /// Observations minus coefficients, with the empirical covariance of the coefficients (as R's mmrm has it).
    case residual
    /// Subjects for effects that are constant within subjects, observations for the others.
    case betweenWithin = "between-within"
    case normal
  }

  /// The fixed-effects design X, n × p, with its columns' names.
  public var design: Matrix
  public var columnNames: [String]
  public var response: [Double]
  /// The subject, the visit and (per subject) the covariance group of each row, as codes from 0.
  public var subject: [Int]
  public var visit: [Int]
  public var group: [Int]?
  /// The number of visits; visits that nobody was seen at are not allowed.
  public var visitCount: Int
  public var structure: CovarianceStructure
  /// Simpler structures to turn to, in this order, where the one before has no optimum.
  public var fallback: [CovarianceStructure] = []
  /// The residual variance of a row is divided by its weight.
  public var weights: [Double]?
  public var offset: [Double]?
  public var estimation = LikelihoodEstimation.restricted
  public var degreesOfFreedom = DegreesOfFreedom.satterthwaite

  public init(
    design: Matrix, columnNames: [String], response: [Double], subject: [Int], visit: [Int],
    visitCount: Int, structure: CovarianceStructure
  ) {
    precondition(
      design.rows == response.count && subject.count == response.count && visit.count == response.count,
      "\(design.rows) rows, \(response.count) responses, \(subject.count) subjects, \(visit.count) visits")
    precondition(columnNames.count == design.columns, "\(columnNames.count) names")
    self.design = design
    self.columnNames = columnNames
    self.response = response
    self.subject = subject
    self.visit = visit
    self.visitCount = visitCount
    self.structure = structure
  }

  /// Fits the model by (restricted) maximum likelihood.
  ///
  /// BFGS on the exact gradient, then Newton steps with the Hessian until the gradient is at rounding error. Where the
  /// Hessian at the end is not positive definite, or the estimated covariance is singular, the next structure of
  /// `fallback` is tried; where none is left the fit is `notConverged`. R: `mmrm::mmrm(formula, data, reml =)`.
  ///
  /// - Throws: `MixedModelError`.
  public func fit() throws(MixedModelError) -> RepeatedMeasuresFit {
    var prepared = try prepare()
    var attempts: [CovarianceAttempt] = []
    let rungs = [structure] + fallback
    for (k, rung) in rungs.enumerated() {
      prepared.criterion.structure = rung
      let parameters = prepared.criterion.groups * rung.parameterCount(visits: visitCount)
      guard parameters <= response.count else {
        // A visit that is a time taken to the minute, say: no search would end.
        let error = MixedModelError.tooManyCovarianceParameters(
          structure: rung.rawValue, parameters: parameters, visits: visitCount, observations: response.count)
        if k == rungs.count - 1 { throw error }
        attempts.append(CovarianceAttempt(structure: rung, failure: error.description))
        continue
      }
      guard let outcome = search(prepared) else {
        if k == rungs.count - 1 { throw .undefinedAtStart }
        attempts.append(
          CovarianceAttempt(structure: rung, failure: "the likelihood does not exist at the start"))
        continue
      }
      attempts.append(CovarianceAttempt(structure: rung, failure: outcome.failure))
      if outcome.failure == nil || k == rungs.count - 1 {
        return try RepeatedMeasuresFit(
          model: self, prepared: prepared, outcome: outcome, attempts: attempts)
      }
    }
    throw .undefinedAtStart
  }

  /// Where the search for θ ended, and why it is no optimum where it is none.
  struct Outcome {
    var theta: [Double]
    var state: RepeatedMeasuresCriterion.State
    var hessian: Matrix?
    var record: OptimisationRecord
    var failure: String?
  }

  /// Searches for θ; nil where the likelihood does not exist at the start.
  private func search(_ prepared: Prepared) -> Outcome? {
    let criterion = prepared.criterion
    let scale = (prepared.basis.residualSumOfSquares / Double(criterion.observations - criterion.rank))
      .squareRoot()
    let start = (0..<criterion.groups).flatMap { _ in
      criterion.structure.start(visits: visitCount, standardDeviation: scale)
    }
    guard criterion.state(at: start) != nil else { return nil }
    var search = QuasiNewton()
    search.gradientTolerance = 1e-5
    let first = search.minimise(from: start) { theta in
      guard let state = criterion.state(at: theta) else { return (.infinity, start.map { _ in 0 }) }
      return (state.value, criterion.gradient(at: theta, state))
    }
    guard let state = criterion.state(at: first.solution) else { return nil }
    return Self.polish(criterion, state, from: first)
  }

  /// −2 log (restricted) likelihood at given parameters, β profiled out.
  public func objective(at theta: [Double]) throws(MixedModelError) -> Double {
    try prepare().criterion.state(at: theta)?.value ?? .infinity
  }

  /// The gradient of `objective(at:)`; nothing where it does not exist.
  public func gradient(at theta: [Double]) throws(MixedModelError) -> [Double]? {
    let criterion = try prepare().criterion
    return criterion.state(at: theta).map { criterion.gradient(at: theta, $0) }
  }

  struct Prepared {
    var criterion: RepeatedMeasuresCriterion
    let basis: FixedEffectsBasis
    /// The rows of each subject by visit, and each subject's covariance group.
    let subjectRows: [[Int]]
    let groups: [Int]
  }

  private func prepare() throws(MixedModelError) -> Prepared {
    let n = response.count
    guard n > 0 else { throw .noObservations }
    guard design.isFinite else { throw .notFinite("design") }
    guard response.allSatisfy(\.isFinite) else { throw .notFinite("response") }
    let root: [Double]
    if let weights {
      guard weights.allSatisfy(\.isFinite) else { throw .notFinite("weights") }
      guard weights.allSatisfy({ $0 > 0 }) else { throw .nonPositiveWeight }
      root = weights.map { $0.squareRoot() }
    } else {
      root = [Double](repeating: 1, count: n)
    }
    let centred = offset.map { offset in zip(response, offset).map { $0 - $1 } } ?? response
    let basis = try FixedEffectsBasis(design: design, response: centred, rootWeights: root)
    guard basis.rank < n else {
      throw .noResidualDegreesOfFreedom(observations: n, fixedEffects: basis.rank)
    }
    let total = zip(centred, root).reduce(0) { $0 + $1.0 * $1.0 * $1.1 * $1.1 }
    guard basis.residualSumOfSquares > 1e-24 * total else { throw .noResidualVariation }
    let (rows, groups, groupCount) = try subjectRows()
    let products = VisitPatternProducts(z: basis.columns, visit: visit, subjectRows: rows, group: groups)
    let free = Double(estimation == .restricted ? n - basis.rank : n)
    var constant = free * log(2 * Double.pi)
    if estimation == .restricted { constant += basis.logDeterminant }
    for w in weights ?? [] { constant -= log(w) }
    return Prepared(
      criterion: RepeatedMeasuresCriterion(
        products: products, structure: structure, visits: visitCount, groups: groupCount,
        estimation: estimation, observations: n, rank: basis.rank, constant: constant),
      basis: basis, subjectRows: rows, groups: groups)
  }

  /// The rows of each subject by visit, and each subject's covariance group.
  private func subjectRows() throws(MixedModelError) -> (rows: [[Int]], groups: [Int], groupCount: Int) {
    let count = (subject.max() ?? -1) + 1
    var rows = [[Int]](repeating: [], count: count)
    for (row, code) in subject.enumerated() { rows[code].append(row) }
    var groups = [Int](repeating: 0, count: count)
    for s in rows.indices {
      rows[s].sort { visit[$0] < visit[$1] }
      for (a, b) in zip(rows[s], rows[s].dropFirst()) where visit[a] == visit[b] {
        throw .repeatedVisit(row: max(a, b))
      }
      if let group, let first = rows[s].first {
        groups[s] = group[first]
        if let other = rows[s].first(where: { group[$0] != group[first] }) {
          throw .subjectInTwoGroups(row: other)
        }
      }
    }
    return (rows, groups, (groups.max() ?? 0) + 1)
  }

  /// Newton steps from a point near the optimum.
  private static func polish(
    _ criterion: RepeatedMeasuresCriterion, _ start: RepeatedMeasuresCriterion.State,
    from first: OptimisationRecord
  ) -> Outcome {
    var theta = first.solution
    var state = start
    var hessian: Matrix?
    var decrement = Double.infinity
    var failure: String?
    var steps = 0
    for _ in 0..<25 {
      let gradient = criterion.gradient(at: theta, state)
      hessian = criterion.hessian(at: theta)
      guard let matrix = hessian else {
        failure = "the likelihood has no curvature where the search ended"
        break
      }
      guard let factor = try? CholeskyFactor(of: matrix) else {
        failure = "the Hessian is not positive definite where the search ended"
        break
      }
      let step = factor.solve(gradient)
      // g'H⁻¹g is twice the fall that a quadratic model still promises.
      decrement = dot(gradient, step)
      if decrement < 1e-16 * max(1, abs(state.value)) { break }
      var length = 1.0
      var next: RepeatedMeasuresCriterion.State?
      var point = theta
      while length > 1e-6 {
        point = zip(theta, step).map { $0 - length * $1 }
        if let candidate = criterion.state(at: point),
          candidate.value <= state.value + 1e-10 * abs(state.value)
        {
          next = candidate
          break
        }
        length /= 2
      }
      guard let next else { break }
      steps += 1
      theta = point
      state = next
    }
    if failure == nil, decrement >= 1e-8 { failure = "the search ended short of an optimum" }
    if failure == nil, state.sigmas.contains(where: isSingular) {
      failure = "the estimated covariance is singular"
    }
    let record = OptimisationRecord(
      method: "BFGS, then Newton", start: first.start, solution: theta, objective: state.value,
      evaluations: first.evaluations + steps, stop: failure == nil ? .gradientTolerance : first.stop)
    return Outcome(theta: theta, state: state, hessian: hessian, record: record, failure: failure)
  }

  /// True where a correlation matrix has an eigenvalue at rounding error: no likelihood is bounded there.
  private static func isSingular(_ sigma: Matrix) -> Bool {
    let scales = sigma.diagonal.map { 1 / $0.squareRoot() }
    guard let eigen = try? SymmetricEigen(of: sigma.sandwiched(by: .diagonal(scales))) else { return true }
    return !((eigen.values.first ?? 0) > 1e-9)
  }
}
