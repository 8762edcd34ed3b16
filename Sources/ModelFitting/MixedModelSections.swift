import MixedModels
import ModelFormula
import Serialisation

/// The parts of a report that linear and generalised linear mixed models share.
enum MixedModelSections {
  /// `varComp`: one row a variance, one a covariance, the residual last.
  static func components(_ components: [VarianceComponent]) -> JSONValue.Member {
    .init(
      "varComp",
      .array(
        components.map { row in
          [
            "group": .string(row.group), "term1": row.term1.map { JSONValue.string($0) } ?? JSONValue.null,
            "term2": row.term2.map { JSONValue.string($0) } ?? JSONValue.null,
            "vcov": .number(Optional(row.covariance)), "sdcor": .number(row.sdOrCorrelation),
          ]
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
