extension FrameBuilder {
  /// The variables of a right side on the rows used. Terms that are strata alone are no part of the design.
  func part(_ all: Terms) throws(FormulaError) -> FramePart {
    let terms = all.withoutStrata
    var variables: [FrameVariable] = []
    for expression in terms.variables { variables.append(try variable(expression)) }
    var offsets: [FrameVariable] = []
    var sum: [Double]?
    for expression in terms.offsets {
      let offset = try variable(expression)
      let values = try numbers(offset)
      sum = sum.map { sum in zip(sum, values).map { $0 + $1 } } ?? values
      offsets.append(offset)
    }
    return FramePart(
      terms: terms, offset: sum, variables: variables, offsets: offsets.map(\.definition),
      builder: self, groupingVariables: all.variables)
  }

  /// The combinations of the strata, in the order they are written.
  func strata(of terms: Terms) throws(FormulaError) -> Grouping? {
    var groupings: [Grouping] = []
    for variable in terms.variables {
      guard let arguments = variable.strataArguments else { continue }
      groupings.append(try strataGrouping(arguments, of: variable))
    }
    return groupings.isEmpty ? nil : Grouping.crossing(groupings)
  }

  /// The clusters.
  func cluster(of side: RightSide) throws(FormulaError) -> Grouping? {
    guard let first = side.clusters.first else { return nil }
    guard side.clusters.count == 1 else {
      throw FormulaError(
        .unsuitable, "a formula has at most one cluster()", position: side.clusters[1].position)
    }
    return try grouping([first])
  }

  /// The random effects; `||` and nested groups become terms of their own.
  func randomEffects(of side: RightSide) throws(FormulaError) -> [RandomEffectTerm] {
    var result: [RandomEffectTerm] = []
    for effect in side.randomEffects {
      let whole = try Terms(of: effect.effects)
      for factor in try effect.groupings() {
        let grouping = try grouping(factor.variables).named(factor.name)
        for terms in effect.isCorrelated ? [whole] : whole.separated {
          result.append(
            RandomEffectTerm(design: try part(terms).design(), grouping: grouping))
        }
      }
    }
    return result
  }

  /// The covariance term.
  func covariance(of side: RightSide) throws(FormulaError) -> CovarianceTerm? {
    guard let first = side.covariances.first else { return nil }
    guard side.covariances.count == 1 else {
      throw FormulaError(
        .unsuitable, "a formula has at most one covariance term",
        position: side.covariances[1].visit.position)
    }
    return CovarianceTerm(
      structure: first.structure, visit: try grouping([first.visit]),
      subject: try grouping([first.subject]),
      group: try first.group.map { e throws(FormulaError) in try grouping([e]) })
  }
}

extension Expression {
  /// The arguments, if this is a call of `strata`.
  var strataArguments: [Expression]? {
    guard case .call("strata", let arguments) = node else { return nil }
    return arguments.map(\.value)
  }
}
