import LinearAlgebra
import ModelFormula

/// Constrained longitudinal data analysis: the arms share their means at the first visit, as randomisation gives them.
///
/// The columns that depend on the arm and are not zero at the first visit are left out of the design, so that what is left
/// of the arm are its differences at later visits. Liang & Zeger, Sankhyā B 2000;62:134–148; Lu, Stat Med
/// 2010;29:474–479, doi 10.1002/sim.3820. In R: a hand-made design without the arm's column; SAS the same.
enum EqualBaseline {
  /// The design without the arm's effects at the first visit.
  ///
  /// - Parameters:
  ///   - option: the columns of arm and visit.
  ///   - visit: the codes and name of the visits where the model has them itself (first visit 0).
  static func constrained(
    _ design: DesignMatrix, _ option: FitOptions.EqualBaseline, frame: ModelFrame, visit: Grouping?
  ) throws -> DesignMatrix {
    let variables = design.schema.variables
    let withArm = design.terms.terms.indices.filter { number in
      design.terms.terms[number].variables.contains { variables[$0].columns.contains(option.arm) }
    }
    guard !withArm.isEmpty else {
      let names = variables.flatMap(\.columns)
      throw FitRequestError.badValue(
        option: "--equal-baseline", value: option.arm,
        expected: "a variable of the model: \(names.joined(separator: ", "))")
    }
    let first = try rowsOfFirstVisit(option, frame: frame, visit: visit)
    let armColumns = design.assign.indices.filter { withArm.contains(design.assign[$0] - 1) }
    let omitted = armColumns.filter { column in
      first.contains { design.matrix[$0, column] != 0 }
    }
    guard !first.isEmpty, !omitted.isEmpty, omitted.count < armColumns.count else {
      throw FitRequestError.notEstimable(
        "--equal-baseline needs \(option.arm) and its interaction with the visits as categories, such as "
          + "\(option.arm)*visit, with rows of the first visit")
    }
    return design.omitting(columns: Set(omitted))
  }

  private static func rowsOfFirstVisit(
    _ option: FitOptions.EqualBaseline, frame: ModelFrame, visit: Grouping?
  ) throws -> [Int] {
    guard let name = option.visit else {
      guard let visit else {
        throw FitRequestError.badValue(
          option: "--equal-baseline", value: option.arm,
          expected:
            "the arm's and the visit's column, such as 'arm|visit', in a model without a covariance term")
      }
      return visit.codes.indices.filter { visit.codes[$0] == 0 }
    }
    guard let column = frame.data.selecting(rows: Array(frame.rows))[name] else {
      throw FitRequestError.badValue(
        option: "--equal-baseline", value: name, expected: "a column of the data")
    }
    if case .numeric(let values) = column {
      let first = values.min()
      return values.indices.filter { values[$0] == first }
    }
    guard case .categorical(let codes, _) = column.asCategorical else { return [] }
    // The first level that occurs is the first visit.
    let first = codes.filter { $0 >= 0 }.min()
    return codes.indices.filter { codes[$0] == first }
  }
}
