import Inference
import ModelFormula

/// Which covariance of the estimates a request asks for.
struct SandwichChoice {
  let robust: HeteroscedasticityCorrection?
  let cluster: String?

  /// Reads the choice; `--robust` and `--cluster` exclude each other.
  init(_ options: FitOptions) throws(FitRequestError) {
    if options.robust != nil, options.cluster != nil {
      throw .badValue(
        option: "--robust", value: options.robust!.rawValue, expected: "--robust or --cluster, not both")
    }
    switch options.robust {
    case nil: robust = nil
    case .row?:
      throw .badValue(option: "--robust", value: "", expected: "HC0, HC1, HC2 or HC3")
    case let kind?: robust = HeteroscedasticityCorrection(rawValue: kind.rawValue)
    }
    cluster = options.cluster
  }

  /// The covariance asked for.
  ///
  /// - Parameters:
  ///   - modelBased: the fit's own.
  ///   - frame: where the clusters are.
  ///   - sandwich: the parts of the fit's sandwich over rows.
  ///   - clustered: the fit's sandwich over clusters.
  func covariance(
    modelBased: CovarianceEstimate, frame: ModelFrame, sandwich: () throws -> SandwichCovariance,
    clustered: ([Int]) throws -> CovarianceEstimate
  ) throws -> CovarianceEstimate {
    if let cluster {
      let groups = frame.grouping(cluster)
      guard groups.count > 1 else {
        throw FitRequestError.notEstimable(
          "--cluster: \"\(cluster)\" has one value only; expected several clusters")
      }
      return try clustered(groups.codes.map(Int.init))
    }
    if let robust { return try sandwich().heteroscedasticityConsistent(robust) }
    return modelBased
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
