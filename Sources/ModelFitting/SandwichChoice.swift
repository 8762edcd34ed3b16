import Inference
import LinearAlgebra
import ModelFormula

/// A covariance of the estimates with the reference distributions that go with it.
struct ChosenCovariance {
  var estimate: CovarianceEstimate
  /// The reference distribution of a contrast over all columns of the design.
  var reference: @Sendable ([Double]) -> Reference
  /// The denominator's degrees of freedom of a joint test; nil for χ².
  var jointDF: Double?
  /// The rows of clusters whose moments decide joint tests instead: Hotelling's T² (clubSandwich's HTZ).
  var hotelling: ClusterRobustCovariance.Adjusted?
  /// What the degrees of freedom are called.
  var convention: String

  /// The coefficient table of estimates whose covariance this is.
  func table(
    terms: [String], estimates: [Double?], estimable: [Int], level: Double
  ) -> [Coefficient] {
    var table = terms.map { Coefficient(term: $0) }
    for (j, error) in zip(estimable, estimate.standardErrors) {
      guard let value = estimates[j] else { continue }
      var unit = [Double](repeating: 0, count: terms.count)
      unit[j] = 1
      table[j] = .wald(
        term: terms[j], estimate: value, standardError: error, reference: reference(unit), level: level)
    }
    return table
  }
}

/// Which covariance of the estimates a request asks for.
struct SandwichChoice {
  let robust: HeteroscedasticityCorrection?
  let cluster: String?
  let correction: ClusterRobustCovariance.Correction?
  let degreesOfFreedom: FitOptions.DegreesOfFreedom?

  /// Reads the choice; `--robust` and `--cluster` exclude each other.
  init(_ options: FitOptions) throws(FitRequestError) {
    if options.robust != nil, options.cluster != nil {
      throw .badValue(
        option: "--robust", value: options.robust!.rawValue, expected: "--robust or --cluster, not both")
    }
    switch options.robust {
    case nil: robust = nil
    // A bare --robust is what `sandwich::vcovHC` does where nothing is said.
    case .row?: robust = .hc3
    case let kind?: robust = HeteroscedasticityCorrection(rawValue: kind.rawValue)
    }
    cluster = options.cluster
    correction = options.clusterCorrection.map { .init(rawValue: $0.rawValue)! }
    if correction != nil, cluster == nil {
      throw .notEstimable("--cluster-correction needs --cluster, the column of the clusters")
    }
    degreesOfFreedom = options.degreesOfFreedom
  }

  /// The covariance asked for.
  ///
  /// - Parameters:
  ///   - modelBased: the fit's own.
  ///   - reference: the fit's reference distribution.
  ///   - residual: its residual degrees of freedom.
  ///   - frame: where the clusters are.
  ///   - estimable: the columns of the design that are estimated.
  ///   - sandwich: the parts of the fit's sandwich over rows.
  ///   - clustered: the fit's sandwich over clusters as `sandwich::vcovCL` has it.
  ///   - small: the parts of the fit's sandwich over clusters with small-sample corrections.
  func covariance(
    modelBased: CovarianceEstimate, reference: Reference, residual: Int, frame: ModelFrame, estimable: [Int],
    sandwich: () throws -> SandwichCovariance, clustered: ([Int]) throws -> CovarianceEstimate,
    small: ([Int]) -> ClusterRobustCovariance
  ) throws -> ChosenCovariance {
    guard let cluster else {
      let estimate = try robust.map { try sandwich().heteroscedasticityConsistent($0) } ?? modelBased
      return try plain(estimate, reference, residual, clusters: nil)
    }
    let groups = frame.grouping(cluster)
    guard groups.count > 1 else {
      throw FitRequestError.notEstimable(
        "--cluster: \"\(cluster)\" has one value only; expected several clusters")
    }
    let codes = groups.codes.map(Int.init)
    let satterthwaite = degreesOfFreedom == .satterthwaite || (correction != nil && degreesOfFreedom == nil)
    guard correction != nil || satterthwaite else {
      return try plain(clustered(codes), reference, residual, clusters: groups.count)
    }
    let parts = small(codes)
    if correction == .cr1p, parts.clusterCount <= estimable.count {
      throw FitRequestError.notEstimable(
        "--cluster-correction CR1p: \(parts.clusterCount) clusters for \(estimable.count) coefficients")
    }
    let adjusted = try parts.adjusted(correction ?? .cr1)
    let estimate = correction == nil ? try clustered(codes) : adjusted.covariance
    guard satterthwaite else { return try plain(estimate, reference, residual, clusters: groups.count) }
    return ChosenCovariance(
      estimate: estimate,
      reference: { contrast in .t(adjusted.degreesOfFreedom(estimable.map { contrast[$0] })) },
      jointDF: nil, hotelling: adjusted, convention: Self.satterthwaite)
  }

  /// What degrees of freedom from the moments of the covariance are called.
  static let satterthwaite = "Satterthwaite; joint tests Hotelling's T² (HTZ)"

  /// A covariance with one reference distribution for every contrast.
  private func plain(
    _ estimate: CovarianceEstimate, _ reference: Reference, _ residual: Int, clusters: Int?
  ) throws -> ChosenCovariance {
    let (chosen, name): (Reference, String) =
      switch degreesOfFreedom {
      case nil: (reference, reference.df == nil ? "normal" : "residual")
      case .residual?: (.t(Double(residual)), "residual")
      case .normal?: (.normal, "normal")
      case .clusters? where clusters != nil: (.t(Double(clusters! - 1)), "clusters less one")
      case let other?:
        throw FitRequestError.badValue(
          option: "--ddf", value: other.rawValue,
          expected: clusters == nil
            ? "residual or normal (with --cluster also clusters and satterthwaite)"
            : "residual, normal, clusters or satterthwaite")
      }
    return ChosenCovariance(
      estimate: estimate, reference: { _ in chosen }, jointDF: chosen.df, convention: name)
  }

  /// How a covariance came about, as a convention of the report.
  static func conventions(_ covariance: CovarianceEstimate) -> [(name: String, choice: String)] {
    switch covariance.kind {
    case .modelBased: [("covariance", "model-based")]
    case .robust(let type): [("covariance", type)]
    case .clustered(let type): [("covariance", "clustered \(type)")]
    case .kenwardRoger(let kind): [("covariance", "Kenward-Roger \(kind)")]
    case .bootstrap: [("covariance", "bootstrap")]
    }
  }
}

/// Runs a fit and turns a refusal of the method into a request that cannot be carried out.
func requested<T, E: Error & CustomStringConvertible>(
  _ body: () throws(E) -> T
) throws(FitRequestError) -> T {
  do { return try body() } catch { throw .notEstimable(error.description) }
}
