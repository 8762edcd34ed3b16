import LinearAlgebra

/// How a factor that enters by contrasts is coded.
public enum Contrasts: Sendable, Equatable {
  /// A column for each level but the first (R `contr.treatment`).
  case treatment
  /// A column for each level but the last, which has −1 in all (R `contr.sum`); for tests of type III.
  case sum
}

/// Whether the design has a column for the intercept.
public enum InterceptUse: Sendable, Equatable {
  /// As the formula says.
  case asWritten
  /// Factors are coded as with an intercept, but its column is left out: Cox and ordinal models.
  case implied
}

/// A design matrix with the meaning of its columns (R `model.matrix`).
public struct DesignMatrix: Sendable {
  /// The values: rows used × columns, shared with the table where a column is one of its own.
  public let columns: TallMatrix
  /// What the columns are; it makes the same columns for new data.
  public let schema: DesignSchema

  /// The values in one piece; made on first request and kept.
  public var matrix: Matrix { columns.matrix }
  /// The names of the columns as R gives them.
  public var columnNames: [String] { schema.columnNames }
  /// For each column the number of its term, from 1; 0 for the intercept (R `attr(, "assign")`).
  public var assign: [Int] { schema.assign }
  /// The terms.
  public var terms: Terms { schema.terms }

  /// The design without some columns: their coefficients are held at zero.
  public func omitting(columns omitted: Set<Int>) -> DesignMatrix {
    let kept = assign.indices.filter { !omitted.contains($0) }
    return DesignMatrix(columns: columns.selecting(columns: kept), schema: schema.keeping(columns: kept))
  }
}

/// A variable as it enters a design.
public struct DesignVariable: Sendable, Equatable {
  /// Its name in term labels: `age`, `factor(race)`, `poly(x, 2)`.
  public let label: String
  /// The levels as they enter, where it is a factor; logical variables have `FALSE` and `TRUE`.
  public let levels: [String]?
  /// The names in the expression: the columns of the data it is computed from.
  public let columns: [String]
  /// Whether it is a number a row, neither a factor nor a basis such as `poly(x, 2)` (R's data class `numeric`).
  public let isCovariate: Bool
}

/// The columns of a design: their names, their terms, and how to compute them on any data.
public struct DesignSchema: Sendable, Equatable {
  /// The terms; term k of `assign` is `terms.terms[k - 1]`.
  public let terms: Terms
  /// The names of the columns.
  public private(set) var columnNames: [String]
  /// For each column the number of its term, from 1; 0 for the intercept.
  public private(set) var assign: [Int]
  /// How factors are coded.
  public let contrasts: Contrasts
  /// Whether the intercept has a column.
  public private(set) var hasInterceptColumn: Bool
  /// For each variable of `terms`, how it is computed.
  let definitions: [FrameVariable.Definition]
  /// For each offset, how it is computed.
  let offsetDefinitions: [FrameVariable.Definition]
  /// For each column, its factors in the product: a variable and a column of its coding.
  private var recipes: [[Factor]]

  /// One factor of the product that makes a column.
  private struct Factor: Sendable, Equatable {
    let variable: Int
    /// For a numeric variable, which of its columns.
    let column: Int
    /// For a categorical variable, the value for each level.
    let table: [Double]?
  }

  /// The most columns of a design: its cross-products are dense, and take 200 MB here.
  public static let mostColumns = 5000

  /// Lays out the columns of some terms.
  ///
  /// - Throws: `FormulaError` of kind `unsuitable` where a factor has fewer than two levels, or where there are more columns than
  ///   `mostColumns`.
  init(
    terms original: Terms, definitions: [FrameVariable.Definition],
    offsets: [FrameVariable.Definition], contrasts: Contrasts, intercept: InterceptUse
  ) throws(FormulaError) {
    for definition in definitions {
      if let levels = definition.levels, levels.count < 2 {
        let only = levels.first.map { " (`\($0)`)" } ?? ""
        throw FormulaError(
          .unsuitable,
          "`\(definition.label)` has one level only\(only) in the rows used; contrasts need two",
          position: definition.expression.position)
      }
    }
    var terms = original
    let coded = terms.hasIntercept || intercept == .implied
    if !coded { terms.adjustForAbsentIntercept(isFactor: definitions.map(\.isFactor)) }
    let withColumn = terms.hasIntercept && intercept == .asWritten
    try Self.checkWidth(terms, definitions)
    var names: [String] = withColumn ? ["(Intercept)"] : []
    var assign: [Int] = withColumn ? [0] : []
    var recipes: [[Factor]] = withColumn ? [[]] : []
    for (number, term) in terms.terms.enumerated() {
      let choices = term.variables.indices.map { k in
        Self.choices(
          term.variables[k], definitions[term.variables[k]], indicators: term.indicators[k],
          contrasts)
      }
      // The first variable varies fastest.
      var columns: [(name: String, recipe: [Factor])] = choices[0].map { ($0.name, [$0.factor]) }
      for choice in choices.dropFirst() {
        columns = choice.flatMap { next in
          columns.map { ($0.name + ":" + next.name, $0.recipe + [next.factor]) }
        }
      }
      names += columns.map(\.name)
      recipes += columns.map(\.recipe)
      assign += [Int](repeating: number + 1, count: columns.count)
    }
    self.terms = terms
    self.definitions = definitions
    offsetDefinitions = offsets
    self.contrasts = contrasts
    hasInterceptColumn = withColumn
    columnNames = names
    self.assign = assign
    self.recipes = recipes
  }

  /// Refuses a design that no memory holds, before any of it is made: as a rule an identifier was taken for a factor.
  private static func checkWidth(_ terms: Terms, _ definitions: [FrameVariable.Definition])
    throws(FormulaError)
  {
    var total = 0
    for term in terms.terms {
      var width = 1
      for (variable, indicators) in zip(term.variables, term.indicators) {
        let (product, overflow) = width.multipliedReportingOverflow(
          by: definitions[variable].width(indicators: indicators))
        width = overflow ? Int.max : product
      }
      total = total.addingReportingOverflow(width).overflow ? Int.max : total + width
      guard total > mostColumns else { continue }
      let widest = term.variables.map { definitions[$0] }.max {
        ($0.levels?.count ?? 0) < ($1.levels?.count ?? 0)
      }!
      let cause =
        widest.levels.map { "`\(widest.label)` has \($0.count) levels" } ?? "`\(widest.label)` is in it"
      throw FormulaError(
        .unsuitable,
        "a design of more than \(mostColumns) columns, since \(cause); a number, fewer levels or a random effect "
          + "expected",
        position: widest.expression.position)
    }
  }

  /// The same terms with some of their columns only.
  func keeping(columns kept: [Int]) -> DesignSchema {
    var schema = self
    schema.columnNames = kept.map { columnNames[$0] }
    schema.assign = kept.map { assign[$0] }
    schema.recipes = kept.map { recipes[$0] }
    schema.hasInterceptColumn = schema.assign.contains(0)
    return schema
  }

  /// The columns that one variable brings into a term, with their names.
  private static func choices(
    _ place: Int, _ definition: FrameVariable.Definition, indicators: Bool, _ contrasts: Contrasts
  ) -> [(name: String, factor: Factor)] {
    let label = definition.label
    switch definition.kind {
    case .numeric: return [(label, Factor(variable: place, column: 0, table: nil))]
    case .matrix(let count):
      return (0..<count).map { j in
        (count == 1 ? label : label + String(j + 1), Factor(variable: place, column: j, table: nil))
      }
    case .factor(let levels):
      func unit(_ k: Int) -> [Double] { levels.indices.map { $0 == k ? 1 : 0 } }
      if indicators {
        return levels.indices.map { k in
          (label + levels[k], Factor(variable: place, column: k, table: unit(k)))
        }
      }
      switch contrasts {
      case .treatment:
        return (1..<levels.count).map { k in
          (label + levels[k], Factor(variable: place, column: k - 1, table: unit(k)))
        }
      case .sum:
        return (0..<(levels.count - 1)).map { k in
          var table = unit(k)
          table[levels.count - 1] = -1
          return (label + String(k + 1), Factor(variable: place, column: k, table: table))
        }
      }
    }
  }

  /// True where some column is a product of two variables or more.
  var hasProducts: Bool { recipes.contains { $0.count > 1 } }

  /// The variables of the terms; `Term.variables` are places here.
  public var variables: [DesignVariable] {
    definitions.map {
      DesignVariable(
        label: $0.label, levels: $0.levels, columns: $0.expression.names,
        isCovariate: $0.levels == nil && !$0.expression.isBasisAlone)
    }
  }

  /// The columns of a term, numbered from 1; of the intercept for 0.
  public func columns(ofTerm number: Int) -> [Int] { assign.indices.filter { assign[$0] == number } }

  /// Computes the columns from the values of the variables.
  ///
  /// A column that is a variable's own values is shared with it, and a factor's is its codes with a table: only products
  /// and choices of rows are computed.
  ///
  /// - Parameter isKnownFinite: whether the values have been looked through.
  func columns(
    _ variables: [FrameVariable.Values], rows: RowSelection, isKnownFinite: Bool = false
  ) -> TallMatrix {
    let columns = recipes.map { recipe -> TallMatrix.Column in
      guard let first = recipe.first else { return .constant(1) }
      if recipe.count == 1 {
        switch variables[first.variable] {
        case .numeric(let values, let ofAllRows) where !ofAllRows || rows.listed == nil:
          return .values(values)
        case .matrix(let columns): return .values(columns[first.column])
        case .factor(let codes): return .coded(codes: codes, table: first.table! + [.nan])
        case .numeric: break
        }
      }
      return .values(
        [Double](unsafeUninitializedCapacity: rows.count) { column, count in
          let column = UnsafeMutableBufferPointer(rebasing: column[..<rows.count])
          Self.fill(column, with: variables[first.variable], first, rows) { $0.initialize(to: $1) }
          for factor in recipe.dropFirst() {
            Self.fill(column, with: variables[factor.variable], factor, rows) { $0.pointee *= $1 }
          }
          count = rows.count
        })
    }
    return TallMatrix(rows: rows.count, columns: columns, isKnownFinite: isKnownFinite)
  }

  /// Writes the values of one factor into a column, or multiplies it by them; inlined twice, so that neither loop has a call in it.
  @inline(__always)
  private static func fill(
    _ out: UnsafeMutableBufferPointer<Double>, with values: FrameVariable.Values, _ factor: Factor,
    _ rows: RowSelection, _ write: (UnsafeMutablePointer<Double>, Double) -> Void
  ) {
    guard let base = out.baseAddress else { return }
    switch values {
    case .numeric(let x, let ofAllRows):
      x.withUnsafeBufferPointer { x in
        guard ofAllRows, let listed = rows.listed else {
          for i in 0..<out.count { write(base + i, x[i]) }
          return
        }
        listed.withUnsafeBufferPointer { r in
          for i in 0..<out.count { write(base + i, x[r[i]]) }
        }
      }
    case .matrix(let columns):
      columns[factor.column].withUnsafeBufferPointer { x in
        for i in 0..<out.count { write(base + i, x[i]) }
      }
    case .factor(let codes):
      codes.withUnsafeBufferPointer { codes in
        factor.table!.withUnsafeBufferPointer { table in
          for i in 0..<out.count {
            let code = Int(codes[i])
            write(base + i, code < 0 ? .nan : table[code])
          }
        }
      }
    }
  }
}
