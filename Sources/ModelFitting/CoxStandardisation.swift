import Inference
import LinearAlgebra
import ModelFormula
import Serialisation
import Survival

extension CoxPredictions {
  /// Adds `marginal` rows: at each time the survival averaged over the rows with a variable set to each of its values, and
  /// the differences and ratios against the first.
  ///
  /// - Parameters:
  ///   - variable: its name, for messages.
  ///   - levels: the rows used, with the variable set to each value.
  func addStandardised(
    _ variable: String, _ levels: [(level: String, rows: DataFrame)], to report: inout ModelReport
  ) throws {
    guard !options.times.isEmpty else {
      throw FitRequestError.badValue(
        option: "--standardise", value: variable, expected: "--times a,b,c, at which survival is read")
    }
    guard options.predict == nil else {
      throw FitRequestError.optionWithoutMeaning(option: "--predict", model: "cox with --standardise")
    }
    guard !isTimeDependent else {
      throw FitRequestError.notEstimable(
        "--standardise: a row a person is needed, not start-stop times: the survival of a person follows one row"
      )
    }
    let target = Standardisation.Target(rawValue: (options.standardisationTarget ?? .sample).rawValue)!
    let versions = try levels.map { level in
      CoxFit.Version(
        covariates: try design.schema.matrix(for: level.rows), strata: try frame.strata(of: level.rows),
        offset: try design.schema.offset(for: level.rows))
    }
    guard
      let means = fit.standardisedSurvival(
        versions, times: options.times.sorted(), ofPopulation: target == .population)
    else {
      throw FitRequestError.notEstimable(
        "--standardise: some row has no curve: a stratum without an event, or covariates beyond all numbers")
    }
    report.sections.append(
      .init("marginal", .array(means.flatMap { rows(of: $0, levels.map(\.level)) })))
    report.conventions += [
      ("standardisation target", target.rawValue), ("standardised limits", "plain"),
    ]
  }

  private var isTimeDependent: Bool {
    guard case .survival(let response) = frame.response else { return false }
    return response.start != nil
  }

  private func rows(of mean: StandardisedSurvival, _ levels: [String]) -> [JSONValue] {
    Standardisation(
      levels: levels, estimates: mean.survival, covariance: mean.covariance, level: options.confidenceLevel,
      measure: .survival
    ).rows.map { row in
      var members = PostEstimation.json(row).members
      members.insert(.init("time", .number(Optional(mean.time))), at: 1)
      if mean.isBeyond { members.append(.init("beyond", true)) }
      return .object(members)
    }
  }
}
