import Inference
import LinearAlgebra
import MixedModels
import ModelFormula
import Regression
import Survival

/// A model as a bootstrap needs it: its formula evaluated once, and a fit to any of its rows.
///
/// Bases of `poly`, `ns` and `scale` and the levels of factors stay those of all rows, so that a coefficient means the
/// same in every sample.
struct BootstrapTarget: Sendable {
  /// The names of the coefficients.
  let terms: [String]
  let frame: ModelFrame
  /// The rows that are drawn together unless others are named: the groups of random effects.
  let defaultUnits: Grouping?
  /// What the model knows of each row, one list of numbers a variable: rows that agree in all of it are the same to it.
  let contents: [[Double]]
  /// The coefficients from rows (of the frame, which may repeat), each with the number of the unit drawn; nil for a
  /// sample that has no fit, and not a number for a coefficient that it has no estimate of.
  let refit: @Sendable (_ rows: [Int], _ units: [Int]) -> [Double]?
  /// The same by a shorter way, for the many samples.
  let resample: @Sendable (_ rows: [Int], _ units: [Int]) -> [Double]?

  private init(
    terms: [String], frame: ModelFrame, defaultUnits: Grouping?, contents: [[Double]],
    resample: (@Sendable (_ rows: [Int], _ units: [Int]) -> [Double]?)? = nil,
    refit: @escaping @Sendable (_ rows: [Int], _ units: [Int]) -> [Double]?
  ) {
    self.terms = terms
    self.frame = frame
    self.defaultUnits = defaultUnits
    self.contents = contents + [frame.weights, frame.offset].compactMap { $0 }
    self.resample = resample ?? refit
    self.refit = refit
  }

  /// The number of each row in an order by its contents, so that a sample does not depend on the order of the file.
  var places: [Int] {
    let order = (0..<frame.rowCount).sorted { a, b in
      for values in contents where values[a] != values[b] { return values[a] < values[b] }
      return a < b
    }
    var places = [Int](repeating: 0, count: order.count)
    for (place, row) in order.enumerated() { places[row] = place }
    return places
  }
}

extension DesignMatrix {
  /// The columns as lists of numbers.
  fileprivate var contents: [[Double]] { (0..<matrix.columns).map { matrix.column($0) } }
}

extension BootstrapTarget {
  static func linear(_ request: ModelRequest) throws -> BootstrapTarget {
    let frame = try request.frame(groupings: groupings(request))
    let design = try frame.design()
    let data = RegressionData(
      design: design.matrix, columnNames: design.columnNames, response: try frame.numericResponse(),
      weights: frame.weights, offset: frame.offset, hasIntercept: design.schema.hasInterceptColumn)
    let refit: @Sendable ([Int], [Int]) -> [Double]? = { rows, _ in
      let fit = try? LinearModel().fit(data.sampled(rows))
      return fit?.coefficients.map { $0 ?? .nan }
    }
    var resample = refit
    if let groups = GroupMeans(data) {
      resample = { rows, units in groups.coefficients(rows: rows) ?? refit(rows, units) }
    }
    return BootstrapTarget(
      terms: design.columnNames, frame: frame, defaultUnits: nil, contents: [data.response] + design.contents,
      resample: resample, refit: refit)
  }

  static func generalisedLinear(_ request: ModelRequest) throws -> BootstrapTarget {
    let model = try GeneralisedLinearModelReport.model(request.options)
    let frame = try request.frame(groupings: groupings(request))
    let design = try frame.design()
    let (response, trials) =
      model.family.isBinomial
      ? try frame.binomialResponse() : (share: try frame.numericResponse(), trials: nil)
    let data = RegressionData(
      design: design.matrix, columnNames: design.columnNames, response: response, weights: frame.weights,
      offset: frame.offset, hasIntercept: design.schema.hasInterceptColumn)
    return BootstrapTarget(
      terms: design.columnNames, frame: frame, defaultUnits: nil,
      contents: [response] + [trials].compactMap { $0 } + design.contents
    ) { rows, _ in
      let chosen = trials.map { all in rows.map { all[$0] } }
      guard let fit = try? model.fit(data.sampled(rows), trials: chosen), fit.status == .ok else {
        return nil
      }
      return fit.coefficients.map { $0 ?? .nan }
    }
  }

  static func cox(_ request: ModelRequest) throws -> BootstrapTarget {
    let options = request.options
    if options.frailty != nil {
      throw FitRequestError.badValue(
        option: "--bootstrap", value: "with --frailty", expected: "a Cox model without frailty")
    }
    let survival = try SurvivalRequest(request, model: "cox", groupings: groupings(request))
    let frame = survival.frame
    let design = try frame.design(intercept: .implied)
    let model = CoxModel(ties: CoxTies(rawValue: (options.ties ?? .efron).rawValue)!)
    let data = survival.data
    return BootstrapTarget(
      terms: design.columnNames, frame: frame,
      defaultUnits: try CoxModelReport.clusters(frame, options),
      contents: data.contents + design.contents + [frame.strata?.codes.map(Double.init)].compactMap { $0 }
    ) { rows, _ in
      let fit = try? model.fit(
        data.selecting(rows: rows), design: design.matrix.selecting(rows: rows),
        stratum: frame.strata.map { s in rows.map { s.codes[$0] } }, stratumCount: frame.strata?.count ?? 1,
        weights: frame.weights.map { w in rows.map { w[$0] } },
        offset: frame.offset.map { o in rows.map { o[$0] } })
      guard let fit, fit.status == .ok else { return nil }
      return fit.coefficients.map { $0 ?? .nan }
    }
  }

  static func linearMixed(_ request: ModelRequest) throws -> BootstrapTarget {
    let frame = try request.frame(groupings: groupings(request), taking: [.offset, .randomEffects])
    let design = try frame.design()
    let response = try frame.numericResponse()
    let terms = frame.randomEffectDesigns
    let groups = Set(terms.map(\.group))
    guard let first = terms.first, groups.count == 1 else {
      throw FitRequestError.badValue(
        option: "--bootstrap", value: groups.sorted().joined(separator: ", "),
        expected: "random effects of one grouping, whose units are drawn")
    }
    let isRestricted = request.options.restricted != false
    let units = Grouping(
      variables: [first.group], codes: first.codes.map { Int32($0) }, values: first.levels.map { [$0] })
    return BootstrapTarget(
      terms: design.columnNames, frame: frame, defaultUnits: units, contents: [response] + design.contents
    ) { rows, drawn in
      let names = (0...(drawn.max() ?? 0)).map(String.init)
      var model = LinearMixedModel(
        design: design.matrix.selecting(rows: rows), columnNames: design.columnNames,
        response: rows.map { response[$0] },
        terms: terms.map { term in
          RandomEffectDesign(
            group: term.group, columnNames: term.columnNames, design: term.design.selecting(rows: rows),
            codes: drawn, levels: names, isCorrelated: term.isCorrelated)
        },
        weights: frame.weights.map { w in rows.map { w[$0] } },
        offset: frame.offset.map { o in rows.map { o[$0] } })
      model.estimation = isRestricted ? .restricted : .maximum
      model.degreesOfFreedom = .normal
      return (try? model.fit())?.coefficients.map { $0 ?? .nan }
    }
  }

  /// The columns that the options of a bootstrap name.
  private static func groupings(_ request: ModelRequest) -> [String?] {
    [request.options.bootstrap?.unit, request.options.bootstrap?.stratum]
  }
}

extension SurvivalData {
  /// Exit, entry and cause of each row as numbers.
  fileprivate var contents: [[Double]] { [timeRank, entryRank, cause].compactMap { $0?.map(Double.init) } }
}

extension RegressionData {
  /// The data of chosen rows, which may repeat.
  fileprivate func sampled(_ rows: [Int]) -> RegressionData {
    RegressionData(
      design: design.selecting(rows: rows), columnNames: columnNames, response: rows.map { response[$0] },
      weights: weights.map { w in rows.map { w[$0] } }, offset: offset.map { o in rows.map { o[$0] } },
      hasIntercept: hasIntercept)
  }
}
