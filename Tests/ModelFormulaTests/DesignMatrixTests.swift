import ModelFormula
import Testing

@Test("a main-effect model has R's columns")
func mainEffects() throws {
  let data = DataFrame([
    ("y", .numeric([1, 2, 3, 4])), ("x", .numeric([1, 0, 2, 5])),
    ("g", .categorical(["a", "b", "a", "c"])),
  ])
  let frame = try ModelFrame(Formula(parsing: "y ~ x*g + log(x + 1)"), data: data)
  #expect(
    try frame.design().columnNames == ["(Intercept)", "x", "gb", "gc", "log(x + 1)", "x:gb", "x:gc"])
}
