import Serialisation
import Testing

@Suite("Reference values")
struct ReferenceTests {
  @Test("the reference cases are there")
  func present() {
    #expect(ReferenceCase.all.count > 200)
  }

  @Test("fits and tests equal R, SAS and print", arguments: ReferenceCase.all)
  func equal(reference: ReferenceCase) throws {
    let outcome = try HektaProcess.run(reference.commandLine)
    try #require(
      outcome.status == reference.exit, "exit \(outcome.status): \(outcome.errors.prefix(300))")
    guard reference.exit == 0 else {
      if let pattern = reference.errorPattern {
        #expect(try outcome.errors.contains(Regex(pattern)), "\(outcome.errors) against \(pattern)")
      }
      return
    }
    let document = try JSONValue(parsing: outcome.output)
    let faults = ReferenceCase.faults(of: document, expected: reference.expected)
    #expect(
      faults.isEmpty,
      "\(faults.count) of \(reference.expected.count) (\(reference.source)): \(faults.prefix(5).joined(separator: "; "))"
    )
  }
}
