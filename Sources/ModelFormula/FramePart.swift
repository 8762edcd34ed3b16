import LinearAlgebra

/// One right side of a formula on the rows used.
public struct FramePart: Sendable {
  /// The terms, without random effects, covariance terms, clusters, offsets and strata.
  public let terms: Terms
  /// The sum of the offsets; nil where there is none.
  public let offset: [Double]?
  let variables: [FrameVariable]
  private let offsets: [FrameVariable.Definition]
  private let builder: FrameBuilder
  private let groupingVariables: [Expression]

  init(
    terms: Terms, offset: [Double]?, variables: [FrameVariable],
    offsets: [FrameVariable.Definition], builder: FrameBuilder, groupingVariables: [Expression]
  ) {
    self.terms = terms
    self.variables = variables
    self.offset = offset
    self.offsets = offsets
    self.builder = builder
    self.groupingVariables = groupingVariables
  }

  /// The design matrix.
  ///
  /// - Parameters:
  ///   - contrasts: how factors are coded.
  ///   - intercept: whether its column is made.
  /// - Throws: `FormulaError` of kind `unsuitable` where a factor has one level only.
  public func design(contrasts: Contrasts = .treatment, intercept: InterceptUse = .asWritten)
    throws(FormulaError) -> DesignMatrix
  {
    let schema = try DesignSchema(
      terms: terms, definitions: variables.map(\.definition), offsets: offsets,
      contrasts: contrasts, intercept: intercept)
    // A product of finite numbers may overflow, and what is not over all rows has not been looked through.
    let isKnownFinite = !schema.hasProducts && variables.allSatisfy(\.values.isScanned)
    return DesignMatrix(
      columns: schema.columns(variables.map(\.values), rows: builder.rows, isKnownFinite: isKnownFinite),
      schema: schema)
  }

  /// The groups that the combinations of all its variables make, strata included; nil for `~ 1`.
  ///
  /// Curves and tables read their groups so. Numeric variables sort numerically. The combinations of one `strata()` are the
  /// levels of one variable with its text as name, as R labels them: `strata(sex)=sex=1`.
  /// - Throws: `FormulaError` of kind `wrongKind` for a variable with several columns.
  public func grouping() throws(FormulaError) -> Grouping? {
    var groupings: [Grouping] = []
    for variable in groupingVariables {
      guard let arguments = variable.strataArguments else {
        groupings.append(try builder.grouping([variable]))
        continue
      }
      let crossed = try builder.strataGrouping(arguments, of: variable)
      groupings.append(
        Grouping(variables: [variable.text], codes: crossed.codes, values: crossed.labels.map { [$0] }))
    }
    return groupings.isEmpty ? nil : Grouping.crossing(groupings)
  }

  /// The groups that the combinations of the variables of its terms make, strata left out; nil for `~ 1`.
  ///
  /// Rank tests compare these groups within the strata.
  /// - Throws: `FormulaError` of kind `wrongKind` for a variable with several columns.
  public func termGrouping() throws(FormulaError) -> Grouping? {
    terms.variables.isEmpty ? nil : try builder.grouping(terms.variables)
  }

  /// The columns of the data that the terms use, each as a reference grid needs it, in order of appearance.
  ///
  /// A column is a factor if it is categorical or stands inside `factor()`; any other has its mean over the rows used
  /// (R `emmeans::ref_grid`).
  public var predictors: [Predictor] {
    var names: [String] = []
    var declared: Set<String> = []
    for variable in terms.variables {
      for name in variable.names where builder.data[name] != nil {
        if !names.contains(name) { names.append(name) }
      }
      variable.visit {
        if case .call(let function, let arguments) = $0.node,
          ["factor", "as.factor", "strata"].contains(function)
        {
          for argument in arguments { declared.formUnion(argument.value.names) }
        }
      }
    }
    return names.map { name in
      Predictor(
        name: name, column: builder.data[name]!, rows: builder.rows,
        isDeclaredFactor: declared.contains(name))
    }
  }
}

/// A column of the data that a design uses, with the values it takes in a reference grid.
public struct Predictor: Sendable, Equatable {
  /// The column's name.
  public let name: String
  /// The levels in order, as labels, where it is a factor.
  public let levels: [String]?
  /// The mean over the rows used, where it is numeric.
  public let mean: Double?
  /// The values of the grid as a column of the data's type: one a level, or the mean alone.
  public let gridValues: Column

  init(name: String, column: Column, rows: RowSelection, isDeclaredFactor: Bool) {
    self.name = name
    switch column {
    case .numeric(let all):
      let used = rows.gather(all)
      if isDeclaredFactor {
        let values = distinct(used).values
        levels = values.map(numberText)
        mean = nil
        gridValues = .numeric(values)
      } else {
        let average = ModelFormula.mean(used)
        levels = nil
        mean = average
        gridValues = .numeric([average])
      }
    case .date(let all):
      let days = rows.gather(all)
      let average = ModelFormula.mean(days.map(Double.init))
      levels = nil
      mean = average
      // A mean of days is no whole day, so that the grid holds it as a number.
      gridValues = .numeric([average])
    case .categorical, .text:
      guard case .categorical(let codes, let names) = column.asCategorical else {
        preconditionFailure("a category that is none")
      }
      let kept = usedLevels(rows.gather(codes), count: names.count).kept
      levels = kept.map { names[$0] }
      mean = nil
      gridValues = .categorical(codes: kept.map { Int32($0) }, levels: names)
    }
  }
}
