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
    guard options.survival.recurrent == nil else {
      throw FitRequestError.optionWithoutMeaning(option: "--standardise", model: "cox with --recurrent")
    }
    let target = Standardisation.Target(rawValue: (options.standardisationTarget ?? .sample).rawValue)!
    let versions = try levels.map { level in
      CoxFit.Version(
        covariates: try design.schema.matrix(for: level.rows), strata: try frame.strata(of: level.rows),
        offset: try design.schema.offset(for: level.rows))
    }
    let persons = try rowsOfPersons(versions, variable)
    guard
      let means = fit.standardisedSurvival(
        versions, over: persons, times: options.times.sorted(), ofPopulation: target == .population)
    else {
      throw FitRequestError.notEstimable(
        "--standardise: some row has no curve: a stratum without an event, or covariates beyond all numbers")
    }
    report.sections.append(
      .init("marginal", .array(means.flatMap { rows(of: $0, levels.map(\.level)) })))
    report.conventions += [
      ("standardisation target", target.rawValue), ("standardised limits", "plain"),
    ]
    if let persons {
      report.conventions += [
        ("standardised over", "\(persons.count) persons by \(options.id!), \(variable) held from time 0 on")
      ]
    }
  }

  /// With start–stop times the first row of each person; nil where a row is a person.
  ///
  /// The survival of a person with covariates that change is that of a path, and what path a covariate would have taken under
  /// another value of the variable nobody has seen. So only the variable itself, which is held at each value from time 0
  /// on, may change within persons.
  private func rowsOfPersons(_ versions: [CoxFit.Version], _ variable: String) throws -> [Int]? {
    guard case .survival(let response) = frame.response, let start = response.start else { return nil }
    guard let id = options.id else {
      throw FitRequestError.badValue(
        option: "--standardise", value: variable,
        expected: "--id VAR with start-stop times, the column that names the person")
    }
    let persons = frame.grouping(id)
    let first = persons.rowsByGroup.map { rows in rows.min { start[$0] < start[$1] }! }
    let changing = self.changing(versions, from: persons.codes.map { first[Int($0)] })
    guard changing.isEmpty else {
      throw FitRequestError.notEstimable(
        "--standardise: \(changing.joined(separator: ", ")) changes within persons, so that the survival of a person "
          + "under one value of \(variable) is not defined")
    }
    return first
  }

  /// What differs between a row and its person's first row once the variable is set.
  private func changing(_ versions: [CoxFit.Version], from first: [Int]) -> [String] {
    func differs<T: Equatable>(_ values: [T]?) -> Bool {
      values.map { values in values.indices.contains { values[$0] != values[first[$0]] } } ?? false
    }
    var names = fit.estimable.filter { j in versions.contains { differs($0.covariates.column(j)) } }
      .map { design.columnNames[$0] }
    if versions.contains(where: { differs($0.strata) }) { names.append("the stratum") }
    if versions.contains(where: { differs($0.offset) }) { names.append("the offset") }
    if differs(frame.weights) { names.append("the weight") }
    return names
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
