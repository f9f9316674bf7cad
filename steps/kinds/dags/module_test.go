package dags

import "testing"

func TestModule(t *testing.T) {
	for text, want := range map[string]makes{
		"from airflow import DAG\nwith DAG('a'):\n    pass\n":        aDAG,
		"dag = models.DAG (\n    'a',\n)\n":                          aDAG,
		"@dag(schedule=None)\ndef a():\n    pass\n\na()\n":           aDAG,
		"@decorators.dag\ndef a():\n    pass\n":                      aDAG,
		"if ENABLED:\n    with DAG('a'):\n        pass\n":            aDAG,
		"def make():\n    return DAG('a')\n\n# done\ndag = make()\n": likelyDAG,
		"for c in CONFIGS:\n    globals()[c.id] = build(c)\n":        likelyDAG,
		"load_dags(here)\n":                 likelyDAG,
		"@make_dag\ndef a():\n    pass\n":   likelyDAG,
		"all = list(dags_of(here))\n":       likelyDAG,
		"dags.set(A)\n":                     likelyDAG,
		"register(here)\n":                  perhapsDAG,
		"class A:\n    x = 1\n\nA().go()\n": perhapsDAG,
		"@registered\nclass A:\n    pass\n": perhapsDAG,
		"":                                  noDAG,
		"\"\"\"Call make_dag() and\nDAG() here.\n\"\"\"\n\nfrom airflow import DAG\n\nNAME = 'dag'\n": noDAG,
		"def make(\n    name: str,\n) -> DAG:\n    dag = DAG(name)\n\n    return dag\n":               noDAG,
		"def make():\n    sql = '''\nselect f(1);\n'''\n    return DAG('a')\n":                        noDAG,
		"class Loader(Base):\n    dag = DAG('a')\n":                                                   noDAG,
		"def outer():\n    @dag\n    def inner():\n        pass\n    return inner()\n":                noDAG,
		"log = logging.getLogger(__name__)\nDAYS = timedelta(days=int(os.getenv('DAG_DAYS', '3')))\n": noDAG,
		"@task(retries=2)\ndef pull(dag):\n    return dag.get()\n":                                    noDAG,
		"if __name__ == '__main__':\n    make_dag().test()\n":                                         noDAG,
		"from x import (\n    make_dag,\n    other,\n)\n":                                             noDAG,
	} {
		if got := module(text); got != want {
			t.Errorf("%q makes %d, want %d", text, got, want)
		}
	}
}
