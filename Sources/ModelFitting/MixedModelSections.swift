import Inference
import MixedModels
import ModelFormula
import Optimisation
import Serialisation

/// The parts of a report that linear and generalised linear mixed models share.
enum MixedModelSections {
  /// `varComp`: one row a variance, one a covariance, the residual last; with profile limits on the scale of `sdcor`.
  static func components(
    _ components: [VarianceComponent], limits: [LinearMixedProfile.Limits]? = nil
  ) -> JSONValue.Member {
    .init(
      "varComp",
      .array(
        components.enumerated().map { i, row in
          var members: [JSONValue.Member] = [
            .init("group", .string(row.group)),
            .init("term1", row.term1.map { JSONValue.string($0) } ?? JSONValue.null),
            .init("term2", row.term2.map { JSONValue.string($0) } ?? JSONValue.null),
            .init("vcov", .number(Optional(row.covariance))), .init("sdcor", .number(row.sdOrCorrelation)),
          ]
          if let limits {
            members.append(.init("conf.low", .number(limits[i].low)))
            members.append(.init("conf.high", .number(limits[i].high)))
          }
          return .object(members)
        }))
  }

  /// `ranef`: one row a level and column.
  static func modes(_ modes: [RandomEffectModes]) -> JSONValue.Member {
    var rows: [JSONValue] = []
    for term in modes {
      for (j, column) in term.columnNames.enumerated() {
        for (i, level) in term.levels.enumerated() {
          rows.append([
            "group": .string(term.group), "level": .string(level), "term": .string(column),
            "estimate": .number(Optional(term.estimates[i, j])),
            "std.error": .number(Optional(term.standardErrors[i, j])),
          ])
        }
      }
    }
    return .init("ranef", .array(rows))
  }

  /// `optimisation`: what the search for the covariance parameters did.
  static func optimisation(_ record: OptimisationRecord) -> JSONValue.Member {
    .init(
      "optimisation",
      [
        "method": .string(record.method), "evaluations": .integer(record.evaluations),
        "stop": .string(record.stop.rawValue), "objective": .number(Optional(record.objective)),
        "start": .numbers(record.start), "solution": .numbers(record.solution),
      ])
  }

  /// The names of variances and of covariances, for the comparison of models.
  static func names(_ components: [VarianceComponent]) -> (variances: Set<String>, covariances: Set<String>) {
    let own = components.filter { $0.term1 != nil }
    return (
      Set(own.filter { $0.term2 == nil }.map { "\($0.group) \($0.term1!)" }),
      Set(own.filter { $0.term2 != nil }.map { "\($0.group) \($0.term1!) \($0.term2!)" })
    )
  }
}

extension ModelRequest {
  /// The request of the smaller model that a likelihood-ratio test compares with.
  func against(_ formula: String) -> ModelRequest {
    var other = self
    other.formula = formula
    other.options.against = nil
    return other
  }
}

extension ModelFrame {
  /// The random effects of the formula as a mixed model takes them.
  var randomEffectDesigns: [RandomEffectDesign] {
    randomEffects.map { term in
      RandomEffectDesign(
        group: term.grouping.name, columnNames: term.design.columnNames,
        design: term.design.matrix, codes: term.grouping.codes.map(Int.init),
        levels: term.grouping.levels)
    }
  }
}
