import LinearAlgebra
import ModelFormula
import TestSupport
import Testing

@Suite("Design matrices equal R's model.matrix")
struct DesignMatrixTests {
  private func frame(_ design: ReferenceDesigns.Design) throws -> ModelFrame {
    try ModelFrame(Formula(parsing: design.formula), data: ReferenceDesigns.trial)
  }

  @Test("rows, terms, names and assignment", arguments: ReferenceDesigns.designs.indices)
  func layout(place: Int) throws {
    let reference = ReferenceDesigns.designs[place]
    let frame = try frame(reference)
    let design = try frame.design(contrasts: reference.contrasts)
    #expect(Array(frame.rows) == reference.rows, "\(reference.formula)")
    #expect(design.terms.labels == reference.terms, "\(reference.formula)")
    #expect(design.columnNames == reference.names, "\(reference.formula)")
    #expect(design.assign == reference.assign, "\(reference.formula)")
  }

  @Test("values, offsets and the same terms on new data", arguments: ReferenceDesigns.designs.indices)
  func values(place: Int) throws {
    let reference = ReferenceDesigns.designs[place]
    let frame = try frame(reference)
    let design = try frame.design(contrasts: reference.contrasts)
    for (j, column) in reference.columns.enumerated() {
      // Polynomials and splines are sums over the rows: some digits differ by the order of addition.
      let size = column.map(abs).max()!
      expectClose(
        design.matrix.column(j), column, relative: 1e-12, absolute: 1e-12 * size,
        because: "\(reference.formula), column \(design.columnNames[j])")
    }
    if let offset = reference.offset {
      expectClose(frame.offset ?? [], offset, relative: 1e-15)
    } else {
      #expect(frame.offset == nil)
    }
    let new = try design.schema.matrix(for: ReferenceDesigns.newData)
    for (j, column) in reference.newColumns.enumerated() {
      let size = column.filter(\.isFinite).map(abs).max() ?? 0
      for i in column.indices where !(column[i].isNaN && new[i, j].isNaN) {
        expectClose(
          new[i, j], column[i], relative: 1e-11, absolute: 1e-11 * size,
          because: "\(reference.formula), column \(design.columnNames[j]) of new data")
      }
    }
  }
}
