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
  /// The values: rows used × columns.
  public let matrix: Matrix
  /// What the columns are; it makes the same columns for new data.
  public let schema: DesignSchema

  /// The names of the columns as R gives them.
  public var columnNames: [String] { schema.columnNames }
  /// For each column the number of its term, from 1; 0 for the intercept (R `attr(, "assign")`).
  public var assign: [Int] { schema.assign }
  /// The terms.
  public var terms: Terms { schema.terms }
}

/// The columns of a design: their names, their terms, and how to compute them on any data.
public struct DesignSchema: Sendable, Equatable {
  /// The terms; term k of `assign` is `terms.terms[k - 1]`.
  public let terms: Terms
  /// The names of the columns.
  public let columnNames: [String]
  /// For each column the number of its term, from 1; 0 for the intercept.
  public let assign: [Int]
  /// How factors are coded.
  public let contrasts: Contrasts
  /// Whether the intercept has a column.
  public let hasInterceptColumn: Bool
  /// For each variable of `terms`, how it is computed.
  let definitions: [FrameVariable.Definition]
  /// For each column, its factors in the product: a variable and a column of its coding.
  private let recipes: [[Factor]]

  /// One factor of the product that makes a column.
  private struct Factor: Sendable, Equatable {
    let variable: Int
    /// For a numeric variable, which of its columns.
    let column: Int
    /// For a categorical variable, the value for each level.
    let table: [Double]?
  }

  /// Lays out the columns of some terms.
  ///
  /// - Throws: `FormulaError` of kind `unsuitable` where a factor has fewer than two levels.
  init(
    terms original: Terms, definitions: [FrameVariable.Definition], contrasts: Contrasts,
    intercept: InterceptUse
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
    self.contrasts = contrasts
    hasInterceptColumn = withColumn
    columnNames = names
    self.assign = assign
    self.recipes = recipes
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

  /// Computes the columns from the values of the variables.
  func matrix(_ variables: [FrameVariable.Values], rows: RowSelection) -> Matrix {
    let n = rows.count
    let storage = [Double](unsafeUninitializedCapacity: n * recipes.count) { out, count in
      for (j, recipe) in recipes.enumerated() where n > 0 {
        let column = UnsafeMutableBufferPointer(rebasing: out[(j * n)..<((j + 1) * n)])
        column.initialize(repeating: 1)
        for factor in recipe { Self.multiply(column, by: variables[factor.variable], factor, rows) }
      }
      count = n * recipes.count
    }
    return Matrix(rows: n, columns: recipes.count, storage: storage)
  }

  private static func multiply(
    _ out: UnsafeMutableBufferPointer<Double>, by values: FrameVariable.Values, _ factor: Factor,
    _ rows: RowSelection
  ) {
    func direct(_ x: [Double]) {
      x.withUnsafeBufferPointer { x in for i in 0..<out.count { out[i] *= x[i] } }
    }
    switch values {
    case .numeric(let x, let ofAllRows):
      guard ofAllRows, let listed = rows.listed else { return direct(x) }
      x.withUnsafeBufferPointer { x in
        listed.withUnsafeBufferPointer { r in for i in 0..<out.count { out[i] *= x[r[i]] } }
      }
    case .matrix(let columns): direct(columns[factor.column])
    case .factor(let codes):
      codes.withUnsafeBufferPointer { codes in
        factor.table!.withUnsafeBufferPointer { table in
          for i in 0..<out.count {
            let code = Int(codes[i])
            out[i] *= code < 0 ? .nan : table[code]
          }
        }
      }
    }
  }
}
