# SPDX-License-Identifier: Apache-2.0
"""The rules find what they are for: each gets a small tree that breaks it, and one that does not."""

import tempfile
import unittest
from pathlib import Path

import rules

LICENCE = "// SPDX-License-Identifier: Apache-2.0\n"


def complaints(rule, files):
    with tempfile.TemporaryDirectory() as folder:
        for name, text in files.items():
            path = Path(folder) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return list(rule(rules.Tree(folder)))


class Sentences(unittest.TestCase):
    def test_one_chinese_word_for_one_thing(self):
        files = {"docs/a.zh-CN.md": "向 `topic` 发布，文档写作「topic」\n```json\n\"topic\"\n```\n", "lib/a.cpp": '"认证应答"'}
        self.assertEqual(complaints(rules.chinese_terms, files), [])
        files = {"docs/a.zh-CN.md": "\n每个事件有自己的 topic\n", "lib/a.cpp": '"认证回复"'}
        self.assertEqual(sorted(complaints(rules.chinese_terms, files)),
                         ["docs/a.zh-CN.md:2: topic is called 主题 here", "lib/a.cpp:1: 回复 is called 应答 here"])

    def test_what_a_person_reads_has_its_chinese(self):
        table = '    {"the reply has no Code", "应答中没有 Code"},\n'
        cli = 'return fault("AUTH-5", "the reply has no Code"); tell({"", "the broker is away", ""}); tell({"KEY-1", reason, ""});'
        files = {"lib/texts/table/a.cpp": table, "cli/a.cpp": cli}
        self.assertEqual(complaints(rules.sentences_in_chinese, files), ["cli/a.cpp:1: lib/texts has no Chinese for: the broker is away"])

    def test_what_run_says_has_its_chinese(self):
        table = 'chinese=(\n  "cannot read {0}."\n  "无法读取 {0}。"\n  "{0} of {1} done"\n  "完成 {0}"\n)\n'
        run = 'step "all is well"\n[[ -e $a ]] || fail "cannot read $(quoted "$a")." \\\n  "Choose another file, $b."\nsay_lines <<END\nup it goes\n     xgate run it\nEND\n'
        self.assertEqual([line.rpartition(": ")[2] for line in complaints(rules.run_in_chinese, {"deploy/run/chinese.bash": table, "run": run})],
                         ["{0} of {1} done", "all is well", "Choose another file, {0}.", "up it goes"])

    def test_what_a_flow_says_has_its_chinese_wherever_it_stands(self):
        flow = 'constexpr auto most = 1\'000; note = said ? "nothing came" : "all is well"; notes.emplace_back("and so on"); // isn\'t\n'
        files = {"lib/texts/table/a.cpp": '    {"nothing came", "什么也没有"},\n', "service/flows/a.cpp": flow}
        self.assertEqual([line.rpartition(": ")[2] for line in complaints(rules.sentences_in_chinese, files)], ["all is well", "and so on"])

    def test_of_an_explanation_every_part_has_its_chinese(self):
        table = '    {"behind it stands a blank", "后面有空格"},\n'
        explain = 'what = rest.empty() ? "a blank" : "a line break"; return "behind it stands " + what;'
        files = {"lib/texts/table/a.cpp": table, "lib/protocol/explain_a.cpp": explain}
        self.assertEqual(complaints(rules.sentences_in_chinese, files), ["lib/protocol/explain_a.cpp:1: lib/texts has no Chinese for a part of: a line break"])


class Arrows(unittest.TestCase):
    def test_a_room_may_not_include_a_stranger(self):
        files = {"lib/protocol/a.cpp": '#include "pg/b.hpp"\n', "lib/pg/b.hpp": ""}
        self.assertEqual(complaints(rules.arrows, files), ["lib/protocol/a.cpp:1: lib/protocol may not include lib/pg/b.hpp"])

    def test_folders_of_a_room_include_one_another_in_no_circle(self):
        files = {"service/a/a.hpp": '#include "service/b/b.hpp"\n', "service/b/b.hpp": '#include "service/c/c.hpp"\n', "service/c/c.hpp": ""}
        self.assertEqual(complaints(rules.folders_in_order, files), [])
        files["service/c/c.hpp"] = '\n#include "service/a/a.hpp"\n'
        self.assertEqual(len(complaints(rules.folders_in_order, files)), 3)
        self.assertIn("service/c/c.hpp:2: service/c includes service/a, which includes service/c in turn", complaints(rules.folders_in_order, files))

    def test_plugin_and_service_never_meet(self):
        files = {"plugin/a.cpp": '#include "service/store/b.hpp"\n', "service/store/b.hpp": '\n#include "plugin/c.hpp"\n', "plugin/c.hpp": ""}
        self.assertEqual(len(complaints(rules.arrows, files)), 2)

    def test_the_command_line_reaches_the_service_by_app_alone(self):
        files = {"cli/a.cpp": '#include "service/app/x.hpp"\n#include "service/api/y.hpp"\n', "service/app/x.hpp": "", "service/api/y.hpp": ""}
        self.assertEqual(complaints(rules.arrows, files), ["cli/a.cpp:2: cli may not include service/api/y.hpp"])

    def test_own_headers_and_allowed_rooms_pass(self):
        files = {"lib/directory/a.cpp": '#include "directory/a.hpp"\n#include "protocol/b.hpp"\n', "lib/directory/a.hpp": "", "lib/protocol/b.hpp": ""}
        self.assertEqual(complaints(rules.arrows, files), [])

    def test_sinks(self):
        self.assertEqual(len(complaints(rules.sinks, {"service/api/a.cpp": 'spdlog::warn("{}", name);\n'})), 1)
        self.assertEqual(len(complaints(rules.sinks, {"cli/a.cpp": "std::cout << name;\n"})), 1)
        self.assertEqual(len(complaints(rules.sinks, {"plugin/a.cpp": 'std::fprintf(stderr, "%s", name);\n'})), 1)
        self.assertEqual(len(complaints(rules.sinks, {"plugin/a.cpp": "mosquitto_log_printf(1, name);\n"})), 1)
        self.assertEqual(complaints(rules.sinks, {"service/observe/a.cpp": "spdlog::log(name);\n"}), [])
        self.assertEqual(complaints(rules.sinks, {"cli/a.cpp": "std::snprintf(text, 3, name); out << name;\n"}), [])

    def test_fenced_headers(self):
        self.assertEqual(len(complaints(rules.fenced_headers, {"service/a.cpp": "#include <libpq-fe.h>\n"})), 1)
        self.assertEqual(len(complaints(rules.fenced_headers, {"lib/link/a.cpp": "#include <mosquitto_plugin.h>\n"})), 1)
        self.assertEqual(complaints(rules.fenced_headers, {"lib/pg/a.cpp": "#include <libpq-fe.h>\n"}), [])

    def test_flows_stand_alone(self):
        files = {"service/flows/auth.cpp": '#include "service/flows/uplink.hpp"\n', "service/flows/uplink.cpp": '#include "service/flows/effects.hpp"\n'}
        self.assertEqual(len(complaints(rules.flows_stand_alone, files)), 1)


class FunctionLength(unittest.TestCase):
    def cpp(self, text):
        return complaints(rules.function_length, {"lib/pg/a.cpp": text})

    def test_cpp(self):
        body = "  int x = f({1, 2});\n" * 69
        self.assertEqual(len(self.cpp("namespace a {\nint f(int) {\n" + body + "}\n}\n")), 1)
        self.assertEqual(self.cpp("namespace a {\nint f(int) {\n" + body[:-19] + "}\n}\n"), [])

    def test_cpp_members_and_constructors(self):
        body = "  x();\n" * 70
        self.assertEqual(len(self.cpp("class A : public B {\n  A(int a) : a_(a), b_{a} {\n" + body + "  }\n};\n")), 1)
        self.assertEqual(len(self.cpp("struct A {\n  void f() const noexcept {\n" + body + "  }\n  int x = 0;\n};\n")), 1)

    def test_braces_in_text_and_comments_do_not_count(self):
        body = '  g("{", \'{\', R"sql({ ( )sql", 1\'000); // {\n' * 68
        self.assertEqual(self.cpp("void f() {\n" + body + "}\n"), [])
        self.assertEqual(len(self.cpp("void f() {\n" + body * 2 + "}\n")), 1)

    def test_a_long_class_or_table_is_no_function(self):
        self.assertEqual(self.cpp("class A {\n" + "  int f(int x);\n" * 100 + "};\n"), [])
        self.assertEqual(self.cpp("const Row rows[] = {\n" + "  {1, f(2)},\n" * 100 + "};\n"), [])

    def test_bash_and_python(self):
        self.assertEqual(len(complaints(rules.function_length, {"a.bash": "f() {\n" + "  true\n" * 70 + "}\n"})), 1)
        self.assertEqual(len(complaints(rules.function_length, {"a": "#!/bin/bash\nf() (\n" + "  true\n" * 70 + ")\n"})), 1)
        self.assertEqual(len(complaints(rules.function_length, {"a.py": "def f():\n" + "  x = 1\n" * 70})), 1)


class Names(unittest.TestCase):
    def own(self, *texts):
        files = {f"service/store/{name}.cpp": f"namespace xgate::store {{\nnamespace {{\n\n{text}\n}}\n}}\n" for name, text in zip("abc", texts)}
        return [complaint.split(" is there in ")[0] for complaint in complaints(rules.names_apart, files)]

    def test_what_two_files_have_in_their_unnamed_namespaces(self):
        where = "service/store/b.cpp:4: xgate::store::"
        for text, name in (
            ('constexpr auto find_sql = "SELECT {";', "find_sql"),
            ("constexpr std::array<int, 2> sizes{1, 2};", "sizes"),
            ("struct Row {\n  int id;\n};", "Row"),
            ("enum class Form : std::uint8_t { a, b };", "Form"),
            ("template <class T>\nT first(const std::map<int, T>& all) {\n  return all.at(0);\n}", "first"),
        ):
            self.assertEqual(self.own(text, text), [where + name])
            self.assertEqual(self.own(text, text.replace(name, "other_" + name)), [])

    def test_functions_may_differ_in_what_they_take_and_aliases_must_not(self):
        self.assertEqual(self.own("int size(const A& a) {\n  return 1;\n}", "int size(const B& b) {\n  return 1;\n}"), [])
        self.assertEqual(self.own("using Clock = A;", "using Clock = A;"), [])
        self.assertEqual(len(self.own("using Clock = A;", "using Clock = B;")), 1)

    def test_a_files_own_name_hides_a_header_s(self):
        header = {"cli/a.hpp": "namespace xgate::cli {\nstruct Fault {};\n}\n"}
        own = "namespace xgate::cli {\nnamespace {\nstruct Fault {};\n}\n}\n"
        self.assertEqual(len(complaints(rules.names_apart, header | {"cli/b.cpp": own})), 1)
        self.assertEqual(complaints(rules.names_apart, header | {"service/b.cpp": own.replace("cli", "api")}), [])

    def test_one_type_of_a_name(self):
        text = "namespace xgate::api {\nclass Page;\nstruct Target {\n  struct Inner {};\n};\n}\n"
        found = complaints(rules.types_once, {"service/api/a.hpp": text, "service/api/b.cpp": text})
        self.assertEqual(found, ["service/api/b.cpp:3: xgate::api::Target is another type in service/api/a.hpp:3"])
        self.assertEqual(complaints(rules.types_once, {"service/api/a.hpp": text, "service/api/b.cpp": text.replace("::api", "::store")}), [])


class EveryFile(unittest.TestCase):
    def test_licence_line(self):
        for name in ("lib/a.cpp", "a/CMakeLists.txt", "b.sql", "c.py"):
            self.assertEqual(len(complaints(rules.licence_line, {name: "\n\n\n"})), 1, name)
        self.assertEqual(len(complaints(rules.licence_line, {"tool": "#!/bin/bash\n"})), 1)
        self.assertEqual(complaints(rules.licence_line, {"lib/a.cpp": LICENCE, "README.md": "hello"}), [])

    def test_leftovers(self):
        for line in ("// TODO: later", "  #if 0", "<<<<<<< HEAD", "see /work/x", "FIXME"):
            self.assertEqual(len(complaints(rules.leftovers, {"lib/a.cpp": line + "\n"})), 1, line)
        self.assertEqual(complaints(rules.leftovers, {"lib/a.cpp": "#if 00 == 1\n// networking\n"}), [])

    def test_file_names(self):
        self.assertEqual(len(complaints(rules.file_names, {"lib/string_utils.cpp": "", "service/common/a.hpp": ""})), 2)
        self.assertEqual(complaints(rules.file_names, {"lib/utility_meter.cpp": ""}), [])

    def test_headers_once(self):
        self.assertEqual(len(complaints(rules.headers_once, {"lib/a.hpp": ""})), 1)


unittest.main()
