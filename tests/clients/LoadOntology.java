import org.semanticweb.owlapi.apibinding.OWLManager;
import org.semanticweb.owlapi.model.IRI;
import org.semanticweb.owlapi.model.OWLOntology;
import org.semanticweb.owlapi.model.OWLOntologyManager;

/** Loads an ontology, and what it imports, from its IRI; prints each ontology and each class. */
class LoadOntology {
    public static void main(String[] arguments) throws Exception {
        OWLOntologyManager manager = OWLManager.createOWLOntologyManager();
        OWLOntology facade = manager.loadOntology(IRI.create(arguments[0]));
        for (OWLOntology each : manager.getImportsClosure(facade)) {
            System.out.println("ontology " + each.getOntologyID().getOntologyIRI());
        }
        facade.getClassesInSignature(true).forEach(each -> System.out.println("class " + each.getIRI()));
    }
}
