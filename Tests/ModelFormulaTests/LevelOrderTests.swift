import ModelFormula
import Testing

@Suite("An order of levels as a command takes it")
struct LevelOrderTests {
  @Test(
    "is read and written alike",
    arguments: [
      ("arm=usual,IPS", ["usual", "IPS"]),
      (#"site=north,"east, inner",south"#, ["north", "east, inner", "south"]),
      (#"x="say ""ja"", twice",b"#, [#"say "ja", twice"#, "b"]), (#"x="""a",b"#, [#""a"#, "b"]),
      ("x=a,,b", ["a", "", "b"]), ("x=", [""]), ("x=a=b,c", ["a=b", "c"]),
    ])
  func both(text: String, levels: [String]) throws {
    let order = try #require(LevelOrder(parsing: text))
    #expect(order.levels == levels)
    #expect(order.text == text)
  }

  @Test("is of the variable there is, where a name holds an equals sign")
  func name() {
    let order = LevelOrder(variable: "a=b", levels: ["v", "u"])
    #expect(LevelOrder(parsing: "a=b=v,u", among: ["x", "a=b"]) == order)
    #expect(LevelOrder(parsing: "a=b=v,u") == LevelOrder(variable: "a", levels: ["b=v", "u"]))
  }

  @Test(
    "has a variable, and quotations that end with their level",
    arguments: ["", "=a,b", "arm", #"x="a"#, #"x="a"b"#])
  func faults(text: String) {
    #expect(LevelOrder(parsing: text) == nil)
  }
}
